"""The variants of an endpoint: which model runs on which machines, and what share of the traffic it gets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from mlstage.catalog.instances import Instance, instance
from mlstage.graph import Ref, Value
from mlstage.spec.endpoints import MAIN_VARIANT, AsyncEndpoint, RealtimeEndpoint, Shadow, Variant
from mlstage.spec.model import Model
from mlstage.spec.per_stage import known
from mlstage.spec.scaling import Autoscale
from mlstage.spec.targets import SageMaker
from mlstage.spec.text import gigabytes_up
from mlstage.targets.sagemaker.instances import instances_of
from mlstage.targets.sagemaker.models import HostedModel, time_outs

SHADOW: Final = "shadow"


@dataclass(frozen=True, slots=True)
class Fleet:
    """One variant. `part` names its resources (empty: the endpoint's own), `path` its fields in the spec.

    `shares_machines` tells that it says nothing of its own about machines and runs on the endpoint's.
    """

    variant: str
    part: str
    path: str
    containers: Sequence[Model]
    on: SageMaker
    replicas: int | Autoscale
    weight: float | None = None
    archives: str | None = None
    shares_machines: bool = False

    @property
    def facts(self) -> Instance | None:
        """The machine, None if its name is misspelt."""
        return instance(known(self.on.instance))

    @property
    def count(self) -> int:
        """How many machines an update starts with: AWS resets to this number, and takes no fewer than one."""
        if not isinstance(self.replicas, Autoscale):
            return self.replicas
        initial = known(self.replicas.initial)
        return max(1, known(self.replicas.min) if initial is None else initial)

    @property
    def autoscale(self) -> Autoscale | None:
        """What scales it, if anything does."""
        return self.replicas if isinstance(self.replicas, Autoscale) else None

    def at(self, field: str) -> str:
        """Give the path of one of its fields in the spec."""
        shared = self.shares_machines and field.partition(".")[0] == "on"
        return field if shared else f"{self.path}{field}"

    def props(self, hosted: HostedModel) -> dict[str, Value]:
        """Write it as a configuration takes it."""
        props: dict[str, Value] = {
            "variant_name": self.variant,
            "model_name": Ref(hosted.model.name, "name"),
            "instance_type": known(self.on.instance),
            "initial_instance_count": self.count,
            **time_outs(self.containers),
        }
        if self.weight is not None:
            props["initial_variant_weight"] = self.weight
        if volume := known(self.on.volume):
            props["volume_size_in_gb"] = gigabytes_up(volume)
        return props


def fleets_of(spec: RealtimeEndpoint | AsyncEndpoint) -> tuple[Fleet, ...]:
    """Give the variants that serve, the endpoint's own first."""
    on = instances_of(spec)
    if isinstance(spec, AsyncEndpoint):
        return (Fleet(MAIN_VARIANT, "", "", (known(spec.model),), on, known(spec.replicas)),)
    containers = (*known(spec.preprocess), known(spec.model), *known(spec.postprocess))
    others, shadow = tuple(_others(spec, on)), known(spec.shadow)
    # A weight says nothing where there is one variant, except to a shadow, which gets a share of it.
    weight = known(spec.weight) if others or shadow else None
    archives = known(spec.models)
    main = Fleet(MAIN_VARIANT, "", "", containers, on, known(spec.replicas), weight, archives)
    return (main, *others)


def _others(spec: RealtimeEndpoint, on: SageMaker) -> Iterator[Fleet]:
    variants = known(spec.variants)
    for index, variant in enumerate(variants):
        machines = _machines(variant, on)
        path = f"variants.{index}."
        yield Fleet(
            variant.name,
            variant.name.lower(),
            path,
            (known(variant.model),),
            machines,
            known(variant.replicas),
            known(variant.weight),
            shares_machines=known(variant.on) is None,
        )


def shadow_of(spec: RealtimeEndpoint) -> Fleet | None:
    """Give the shadow variant, whose weight is its share of the traffic that the one variant gets."""
    shadow = known(spec.shadow)
    if shadow is None:
        return None
    share = known(spec.weight) * known(shadow.percent) / 100
    return Fleet(
        SHADOW,
        SHADOW,
        "shadow.",
        (known(shadow.model),),
        _machines(shadow, instances_of(spec)),
        known(shadow.replicas),
        share,
        shares_machines=known(shadow.on) is None,
    )


def _machines(node: Variant | Shadow, on: SageMaker) -> SageMaker:
    own = known(node.on)
    if own is None:
        return on
    if not isinstance(own, SageMaker):
        raise TypeError(f"{own!r} is refused by the check")
    return own
