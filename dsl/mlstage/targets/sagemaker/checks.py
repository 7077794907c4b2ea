"""What SageMaker refuses, seen before it does. Facts about instance types come from the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from mlstage.catalog.instances import Instance, Use, instance
from mlstage.catalog.limits import limit
from mlstage.catalog.regions import regions
from mlstage.catalog.similar import nearest, same_size
from mlstage.diagnostics import Diagnostic, Severity
from mlstage.spec.model import Model
from mlstage.spec.per_stage import known
from mlstage.spec.stages import OwnNetwork
from mlstage.spec.text import s3_location
from mlstage.targets.base import Blame
from mlstage.targets.images import check_image
from mlstage.targets.sagemaker.models import waiting_time

# A type of which EC2 has had some everywhere for years: a region that lacks it is one that the snapshot lacks.
_IN_EVERY_REGION: Final = "m5.large"

_USES: Final[dict[Use, str]] = {
    "hosting": "real-time endpoints",
    "training": "training",
    "processing": "processing",
    "transform": "batch transform",
    "notebook": "notebook instances",
}


def instance_type(blame: Blame, path: str, name: str, use: Use, *, burstable: bool = True) -> Iterator[Diagnostic]:
    """Check that a type exists, is offered for the use, and has a future.

    What is offered instead is burstable only if it may be.
    """
    facts = instance(name)
    if facts is None or not name.startswith("ml."):
        yield _unknown(blame, path, name, use)
        return
    if use not in facts.uses:
        others = alternatives(facts, use, burstable=burstable)
        instead = others or f"a type that `mlstage offers --use {use}` lists"
        what = f"{name} is not offered for {_USES[use]}"
        yield blame("AWS102", path, what, instead, _offered(facts))
    if facts.lifecycle:
        yield _ageing(blame, path, facts)
    yield from _elsewhere(blame, path, facts, use)


def _elsewhere(blame: Blame, path: str, facts: Instance, use: Use) -> Iterator[Diagnostic]:
    """Warn of a type that EC2 did not offer in the stack's region, as far as the snapshot knows the region at all."""
    region, common = blame.place.region, instance(_IN_EVERY_REGION)
    known = common is not None and common.regions is not None and region in common.regions
    if not known or facts.lifecycle or facts.regions is None or region in facts.regions:
        return
    others = [other for other in same_size(facts.name, use, count=20) if _is_offered(other, region)]
    instead = " or ".join(f'"{other}"' for other in others[:3]) or "another type, or a stack in another region"
    what = f"{facts.ec2_name} was not offered in {region} when EC2's offers were last read"
    yield blame("AWS157", path, what, instead, facts.source, Severity.WARNING)


def _is_offered(name: str, region: str) -> bool:
    facts = instance(name)
    return facts is not None and facts.regions is not None and region in facts.regions


def _unknown(blame: Blame, path: str, name: str, use: Use) -> Diagnostic:
    if facts := instance(f"ml.{name}"):
        what = f"{name!r} is what EC2 calls the type; SageMaker's name begins with `ml.`"
        return blame("AWS101", path, what, f'"{facts.name}"')
    close = nearest(name, use)
    instead = " or ".join(f'"{other}"' for other in close) or f"a type that `mlstage offers --use {use}` lists"
    return blame("AWS101", path, f"{name!r} is no SageMaker instance type", instead)


def alternatives(facts: Instance, use: Use, *, burstable: bool = True) -> str:
    """Name the types of the same size that a use accepts, the most similar first."""
    others = [other for other in same_size(facts.name, use, count=20) if burstable or not _is_burstable(other)]
    return " or ".join(f'"{other}"' for other in others[:3])


def _is_burstable(name: str) -> bool:
    facts = instance(name)
    return facts is not None and facts.burstable


def _offered(facts: Instance) -> str:
    uses = [text for use, text in _USES.items() if use in facts.uses]
    return f"SageMaker offers it for {', '.join(uses)} only." if uses else "SageMaker offers it for nothing any more."


def _ageing(blame: Blame, path: str, facts: Instance) -> Diagnostic:
    assert facts.lifecycle is not None
    cycle = facts.lifecycle
    instead = " or ".join(f'"{name}"' for name in cycle.successors) or "a type of a newer family"
    what = f"{facts.name} is {cycle.state}"
    why = f"{cycle.reason} (since {cycle.since}; `mlstage offers {facts.name}` says who says so)."
    return blame("AWS112", path, what, instead, why, Severity.WARNING)


def volume(blame: Blame, path: str, facts: Instance) -> Iterator[Diagnostic]:
    """Check that no volume is asked for on a type that has disks of its own."""
    if facts.nvme_gb and blame.workload.origin(path).kind != "default":
        what = f"{facts.name} takes no volume: it has {facts.nvme_gb} GB of local NVMe disk"
        yield blame("AWS104", path, what, "leave `volume` out, or take a type without local disks")


def model(blame: Blame, path: str, spec: Model, facts: Instance | None) -> Iterator[Diagnostic]:
    """Check a model's image, and that it fits the machine it is put on; without one, it is on no instance at all."""
    yield from check_image(blame, f"{path}.image", known(spec.image), facts)
    if artifact := known(spec.artifact):
        yield from bucket_region(blame, f"{path}.artifact", artifact)
    yield from _loading(blame, path, spec)
    isolated = known(spec.network_isolation)
    if known(spec.artifact) is None:
        settings = known(spec.environment)
        yield from hub(blame, f"{path}.environment", settings, isolated, 'an artifact in S3: artifact="s3://…"')
    if facts is None:
        return
    architecture = known(spec.architecture)
    if architecture != facts.arch:
        what = f"the model's image is {architecture}, but {facts.name} runs {facts.arch}"
        instead = f'an image built for {facts.arch}, with architecture="{facts.arch}", or another instance type'
        yield blame("AWS113", f"{path}.architecture", what, instead)
    yield from _neuron(blame, path, known(spec.compiled_for), facts)
    cores, wanted = facts.accelerator.neuron_cores if facts.accelerator else 0, known(spec.neuron_cores)
    if wanted is not None and cores and wanted > cores:
        what = f"the model is compiled for {wanted} NeuronCores, and {facts.name} has {cores}"
        yield blame("AWS110", f"{path}.neuron_cores", what, f"an artifact for {cores} cores or less, or a bigger type")


def _loading(blame: Blame, path: str, spec: Model) -> Iterator[Diagnostic]:
    needed, longest = waiting_time([spec]), limit("sagemaker.variant.download_timeout_s").most
    if needed is not None and needed > longest:
        what = f"a model of {known(spec.size)} cannot be loaded within the {longest:g} s that SageMaker waits at most"
        instead = "a smaller artifact, or uncompressed weights that the container streams from S3 by itself"
        yield blame("AWS152", f"{path}.size", what, instead)


def bucket_region(blame: Blame, path: str, address: str) -> Iterator[Diagnostic]:
    """Warn of a bucket whose name says that it lies in another region: SageMaker reads from its own only."""
    bucket = s3_location(address).bucket
    named = [name for name in regions() if name in bucket]
    if named and blame.place.region not in named:
        what = f"bucket {bucket!r} seems to lie in {named[0]}, but the stack is in {blame.place.region}"
        instead = f"a bucket in {blame.place.region} (S3 can replicate into one)"
        why = "SageMaker reads models and data from buckets of its own region."
        yield blame("AWS132", path, what, instead, why, Severity.WARNING)


# Settings by which containers of AWS's, and most training scripts, are told to fetch a model from a hub.
_HUB: Final = ("HF_MODEL_ID", "MODEL_ID", "model_id", "model_name_or_path", "base_model", "pretrained_model_name")


def hub(blame: Blame, path: str, settings: Mapping[str, str], isolated: bool, instead: str) -> Iterator[Diagnostic]:
    """Check that a container which fetches a model from a hub can reach it."""
    network = blame.place.network
    for key in _HUB:
        value = settings.get(key, "")
        if not value or value.startswith(("/", "s3://", ".")) or not (isolated or network):
            continue
        if isolated or isinstance(network, OwnNetwork):
            where = "a container in network isolation" if isolated else "the stage's own network, which has no way out,"
            what = f"{key}={value!r} is fetched from a model hub, and {where} reaches none"
            yield blame("AWS146", path, what, instead)
        else:
            what = f"{key}={value!r} is fetched from a model hub: the stage's subnets need a way to the internet for it"
            yield blame("AWS146", path, what, f"{instead}, or subnets with a NAT gateway", severity=Severity.WARNING)


def _neuron(blame: Blame, path: str, compiled_for: str | None, facts: Instance) -> Iterator[Diagnostic]:
    chip = facts.family.rstrip("nex") if facts.accelerator and facts.accelerator.kind == "neuron" else None
    if chip == compiled_for:
        return
    if chip is None:
        what = f"the model is compiled for {compiled_for}, but {facts.name} has no Neuron device"
        instead = f'instance="ml.{compiled_for}.xlarge", or a model that is not compiled for Neuron'
    elif compiled_for is None:
        what = f"{facts.name} runs only models compiled for Neuron, and this one does not say that it is"
        instead = f'Model(…, compiled_for="{chip}") with the compiled artifact'
    else:
        what = f"the model is compiled for {compiled_for}, but {facts.name} has {chip} devices"
        instead = f'an artifact compiled for {chip}, with compiled_for="{chip}", or an {compiled_for} instance'
    yield blame("AWS110", f"{path}.compiled_for", what, instead)


def facts_of(name: Any) -> Instance | None:
    """Look up a type that may be misspelt."""
    return instance(name) if isinstance(name, str) else None
