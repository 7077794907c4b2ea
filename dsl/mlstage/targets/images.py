"""Container images: an author's own address as it is, a framework of AWS's as its address in the stack's region."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.catalog.images import Processor, Scope, own_image, own_images
from mlstage.catalog.instances import Instance
from mlstage.diagnostics import Diagnostic
from mlstage.spec.images import AnyImage
from mlstage.spec.text import image_address
from mlstage.targets.base import Blame

_PROCESSORS: Final[dict[str, Processor]] = {"inf1": "neuron", "inf2": "neuronx", "trn1": "neuronx", "trn2": "neuronx"}
_NAMES: Final[dict[Processor, str]] = {
    "cpu": "CPUs",
    "gpu": "GPUs",
    "graviton": "Graviton",
    "neuron": "Inferentia1",
    "neuronx": "Inferentia2 and Trainium",
}


def image_uri(image: AnyImage, region: str, facts: Instance | None, scope: Scope = "inference") -> str:
    """Give an image's address for a machine in a region; without a machine (serverless, Fargate, Lambda), for a CPU.

    Raises `LookupError` for a framework's image that AWS does not have, which `check_image` reports before.
    """
    if isinstance(image, str):
        return image
    found = own_image(image.framework, scope, processor_of(facts), image.version)
    address = found.address(region) if found else None
    if address is None:
        raise LookupError(f"no image for {image!r} in {region}")
    return address


def monitor_image(region: str) -> str | None:
    """Give the image with which AWS compares captured requests with a baseline; None where it does not hold it."""
    found = own_image("model-monitor", "monitoring", "cpu", "latest")
    return found.address(region) if found else None


def processor_of(facts: Instance | None) -> Processor:
    """Say for which kind of processor a machine's images are built."""
    if facts is None:
        return "cpu"
    if facts.accelerator is None:
        return "graviton" if facts.arch == "arm64" else "cpu"
    family = facts.family.rstrip("nex")
    return _PROCESSORS.get(family, "gpu")


def check_image(
    blame: Blame, path: str, image: AnyImage, facts: Instance | None, scope: Scope = "inference"
) -> Iterator[Diagnostic]:
    """Check that an image can be had in the stack's region: SageMaker pulls from ECR of its own region only."""
    if isinstance(image, str):
        yield from _check_region(blame, path, image)
        return
    processor, kind, region = processor_of(facts), type(image).__name__, blame.place.region
    found = own_image(image.framework, scope, processor, image.version)
    if found is None:
        what = f"AWS has no image {kind}({image.version!r}) for {scope} on {_NAMES[processor]}"
        yield blame("AWS131", path, what, _others(kind, image.framework, scope, processor))
    elif found.address(region) is None:
        what = f"AWS does not hold its image {kind}({image.version!r}) in {region}"
        yield blame("AWS131", path, what, "a copy of it in your own ECR there, or a stack in another region")


def _check_region(blame: Blame, path: str, image: str) -> Iterator[Diagnostic]:
    address = image_address(image)
    if address.region and address.region != blame.place.region:
        what = f"image {address.repository!r} lies in {address.region}, but the stack is in {blame.place.region}"
        there = image.replace(f".ecr.{address.region}.", f".ecr.{blame.place.region}.", 1)
        instead = f'"{there}" (ECR can replicate the repository there)'
        yield blame("AWS106", path, what, instead, "SageMaker pulls images from ECR of its own region only.")


def _others(kind: str, framework: str, scope: Scope, processor: Processor) -> str:
    known = own_images(framework)
    here = [one for one in known if (one.scope, one.processor) == (scope, processor)]
    if here:
        return " or ".join(f'{kind}("{one.version}")' for one in reversed(here[-3:]))
    elsewhere = dict.fromkeys(_NAMES[one.processor] for one in known if one.scope == scope)
    if elsewhere:
        return f"an instance with {' or '.join(elsewhere)}, or an image of your own"
    return "an image of your own"
