"""What a container needs of its machine, read from what the author says of model and image."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from typing import Final, Literal

from mlstage.catalog.instances import Instance, instance
from mlstage.catalog.similar import nearest
from mlstage.diagnostics import Diagnostic, Severity
from mlstage.spec.images import AnyImage
from mlstage.spec.model import Model
from mlstage.spec.per_stage import known
from mlstage.spec.targets import Batch, Ecs, Eks
from mlstage.spec.text import image_address, megabytes
from mlstage.spec.workload import Workload
from mlstage.targets.base import Blame, No
from mlstage.targets.images import check_image

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


def ec2_types(blame: Blame, on: Ecs | Eks | Batch, service: str) -> Iterator[Diagnostic]:
    """Check that the machines asked for exist in EC2, in this region, and are alike where one stands in for another."""
    name = known(on.instance)
    if name is None:
        return
    facts = yield from _ec2_type(blame, "on.instance", name, service)
    for fallback in known(on.fallbacks):
        other = yield from _ec2_type(blame, "on.fallbacks", fallback, service)
        if facts and other and (difference := _unlike(facts, other)):
            what = f"{fallback} cannot stand in for {name}: {difference}"
            yield blame("AWS226", "on.fallbacks", what, "types of the same architecture and accelerators")


def _ec2_type(blame: Blame, path: str, name: str, service: str) -> Generator[Diagnostic, None, Instance | None]:
    if name.startswith("ml."):
        what = f"{name!r} is SageMaker's name of a machine; {service} takes EC2's"
        yield blame("AWS226", path, what, f'"{name.removeprefix("ml.")}"')
        return None
    facts = instance(name)
    if facts is None:
        close = " or ".join(f'"{other}"' for other in nearest(name))
        yield blame("AWS226", path, f"{name!r} is no EC2 instance type", close or 'a type such as "g5.xlarge"')
    elif facts.offered_in(blame.place.region) is False:
        what = f"EC2 does not offer {name} in {blame.place.region}"
        yield blame("AWS226", path, what, "another type, or a stack in another region")
    return facts


def _unlike(one: Instance, other: Instance) -> str:
    if one.arch != other.arch:
        return f"it is {other.arch}, not {one.arch}"
    if (one.accelerator is None) != (other.accelerator is None):
        return "only one of the two has accelerators"
    if one.accelerator and other.accelerator:
        if one.accelerator.kind != other.accelerator.kind or (one.neuron_cores and one.family != other.family):
            return f"it has {other.accelerator.name}, not {one.accelerator.name}"
        if one.accelerator.count != other.accelerator.count:
            return f"it has {other.accelerator.count} accelerators, not {one.accelerator.count}"
    return ""


def compiled_for(blame: Blame, model: Model, facts: Instance, target: str) -> Iterator[Diagnostic]:
    """Check that a model was compiled for the Neuron chip of its machine, if that has one."""
    compiled = known(model.compiled_for)
    chip = chip_of(facts)
    if compiled == chip:
        return
    if chip is None:
        what = f"the model is compiled for {compiled}, but {facts.name} has no Neuron device"
        instead = f'{target}(instance="{compiled}.xlarge"), or a model that is not compiled for Neuron'
    elif compiled is None:
        what = f"{facts.name} runs only models compiled for Neuron, and this one does not say that it is"
        instead = f'Model(…, compiled_for="{chip}") with the compiled artifact'
    else:
        what = f"the model is compiled for {compiled}, but {facts.name} has {chip} devices"
        instead = f'an artifact compiled for {chip}, with compiled_for="{chip}", or an {compiled} instance'
    yield blame("AWS110", "model.compiled_for", what, instead)


def chip_of(facts: Instance) -> str | None:
    """Name a machine's Neuron chip."""
    neuron = facts.accelerator is not None and facts.accelerator.kind == "neuron"
    return facts.family.rstrip("nex") if neuron else None


def architecture(blame: Blame, of_model: str, asked: str | None, facts: Instance | None) -> Iterator[Diagnostic]:
    """Check that image and machine are built alike."""
    if asked is not None and asked != of_model:
        what = f"the model's image is {of_model}, but `architecture` says {asked}"
        yield blame("AWS213", "on.architecture", what, "leave `architecture` out: the model's holds")
    elif facts is not None and facts.arch != of_model:
        what = f"the model's image is {of_model}, but {facts.name} runs {facts.arch}"
        instead = f'an image built for {facts.arch}, with architecture="{facts.arch}", or another instance type'
        yield blame("AWS213", "model.architecture", what, instead)


def artifact(blame: Blame, model: Model, unpack: str | None) -> Iterator[Diagnostic]:
    """Say that nobody brings the artifact to the container, which SageMaker would."""
    address = known(model.artifact)
    if address is not None and unpack is None:
        what = f"the container itself has to load {address}, whose address it finds in MLSTAGE_MODEL_ARTIFACT"
        instead = "unpack=… with an image that has sh, aws and tar: then it lies in /opt/ml/model, as on SageMaker"
        yield blame("AWS227", "model.artifact", what, instead, severity=Severity.NOTE)


def own_image_exists(blame: Blame, path: str, image: AnyImage, facts: Instance | None) -> Iterator[Diagnostic]:
    """Check that AWS has the image of a framework for this machine; one's own may lie in any registry."""
    if not isinstance(image, str):
        yield from check_image(blame, path, image, facts)


def image_for(blame: Blame, path: str, image: AnyImage, facts: Instance, target: str) -> Iterator[Diagnostic]:
    """Refuse an image for an accelerator that the machine does not have."""
    built = built_for(image)
    if built == "gpu" and not facts.gpu_count:
        what = f"the image {_name(image)} is built for GPUs, and {facts.name} has none"
        yield blame("AWS206", path, what, f'{target}(instance="g5.xlarge"), or an image built for CPUs')
    elif built == "neuron" and chip_of(facts) is None:
        what = f"the image {_name(image)} is built for Neuron devices, and {facts.name} has none"
        yield blame("AWS206", path, what, f'{target}(instance="inf2.xlarge")')


# Assumed, not AWS's: what a container surely reads and unpacks in a second, in MB.
_LOADED_MB_S: Final = 25
_LONGEST_START_S: Final = 3600


def start_seconds(model: Model) -> int:
    """Say for how long a model may load before anybody calls it unhealthy."""
    size = known(model.size)
    needed = 60 + int(megabytes(size) / _LOADED_MB_S) if size else 300
    return min(needed, _LONGEST_START_S)


def outside_ecr(spec: Workload, on: Ecs | Eks | Batch) -> bool:
    """Say whether any image of a workload lies where only the internet leads to."""
    model = known(getattr(spec, "model", None))
    images = [known(getattr(model or spec, "image", None)), known(getattr(on, "unpack", None))]
    return any(isinstance(image, str) and not image_address(image).account for image in images)


def _name(image: AnyImage) -> str:
    if not isinstance(image, str):
        return f"{type(image).__name__}({image.version!r})"
    address = image_address(image)
    return f"{address.repository}:{address.tag}" if address.tag else address.repository
