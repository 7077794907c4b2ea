"""What a container needs of its machine, read from what the author says of model and image."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal

from mlstage.diagnostics import Diagnostic
from mlstage.spec.images import AnyImage
from mlstage.spec.model import Model
from mlstage.spec.per_stage import known
from mlstage.spec.text import image_address
from mlstage.targets.base import Blame, No

# How images for accelerators are commonly named: AWS's own tags have `-gpu-` and `-cu124-`, or `-neuronx-`.
_GPU: Final = re.compile(r"(?:^|[-_:/.])(gpu|cuda\d*|cu1\d\d)(?:$|[-_:/.])")
_NEURON: Final = re.compile(r"(?:^|[-_:/.])(neuronx?)(?:$|[-_:/.])")

Built = Literal["gpu", "neuron", ""]


def built_for(image: AnyImage) -> Built:
    """Say which accelerator an image is built for, as far as its name tells."""
    if not isinstance(image, str):
        return ""
    address = image_address(image)
    text = f"{address.repository}:{address.tag}"
    if _NEURON.search(text):
        return "neuron"
    return "gpu" if _GPU.search(text) else ""


def without_accelerator(blame: Blame, path: str, image: AnyImage, gpu: No, neuron: No) -> Iterator[Diagnostic]:
    """Refuse an image for an accelerator where there is none."""
    match built_for(image):
        case "gpu":
            yield blame("AWS206", path, f"the image {_name(image)} is built for GPUs: {gpu.because}", gpu.instead)
        case "neuron":
            what = f"the image {_name(image)} is built for Neuron devices: {neuron.because}"
            yield blame("AWS206", path, what, neuron.instead)


def not_compiled(blame: Blame, model: Model, neuron: No) -> Iterator[Diagnostic]:
    """Refuse a model that was compiled for a Neuron chip where there is none."""
    if chip := known(model.compiled_for):
        what = f"the model is compiled for {chip}: {neuron.because}"
        yield blame("AWS206", "model.compiled_for", what, neuron.instead.replace("inf2", chip))


def _name(image: AnyImage) -> str:
    if not isinstance(image, str):
        return f"{type(image).__name__}({image.version!r})"
    address = image_address(image)
    return f"{address.repository}:{address.tag}" if address.tag else address.repository
