"""What every endpoint on instances is made of: models, configuration, endpoint, scaling and alarms, in that order.

Configurations and models are immutable in AWS: their names carry a hash of what they hold, so a change makes a new one
beside the old, which stays until the new one serves. The endpoint keeps the name that callers know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mlstage.graph import Options, Ref, Resource, Value, join
from mlstage.spec.endpoints import AsyncEndpoint, RealtimeEndpoint
from mlstage.spec.per_stage import known
from mlstage.spec.purchase import Spot
from mlstage.spec.watching import Watch
from mlstage.targets import iam
from mlstage.targets.logs import log_group, write_logs
from mlstage.targets.place import Place
from mlstage.targets.sagemaker import scaling, updates, watch
from mlstage.targets.sagemaker.fleets import Fleet
from mlstage.targets.sagemaker.models import HostedModel, Hosting, hosted_model

CONFIG_NAME: Final = 63 - 9
_OWN_ERRORS: Final = Watch.model_fields["errors"].default


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint's resources: `before` it, itself, and what hangs on it."""

    before: tuple[Resource, ...]
    endpoint: Resource
    after: tuple[Resource, ...]

    @property
    def resources(self) -> tuple[Resource, ...]:
        """All of them, in order."""
        return (*self.before, self.endpoint, *self.after)


def hosted_fleets(
    place: Place, spec: RealtimeEndpoint | AsyncEndpoint, fleets: Sequence[Fleet], extra: Sequence[iam.Statement]
) -> tuple[Resource, tuple[HostedModel, ...]]:
    """Make the endpoint's log group, and the model of each variant."""
    logs = log_group(place, spec.name, f"/aws/sagemaker/Endpoints/{endpoint_name(place, spec)}")
    statements = [*write_logs([join(Ref(logs.name, "arn"), ":log-stream:*")]), *iam.use_key(place), *extra]
    models = tuple(
        hosted_model(
            place,
            spec.name,
            spec.formerly or spec.name,
            fleet.containers,
            Hosting(fleet.facts, fleet.part, archives=fleet.archives),
            statements,
        )
        for fleet in fleets
    )
    return logs, models


def endpoint_name(place: Place, spec: RealtimeEndpoint | AsyncEndpoint) -> str:
    """Give the name that callers know; a renamed workload keeps it, and with it its resources."""
    return place.physical(spec.formerly or spec.name)


def configuration(
    place: Place,
    spec: RealtimeEndpoint | AsyncEndpoint,
    fleets: Sequence[Fleet],
    models: Sequence[HostedModel],
    rest: Mapping[str, Value],
) -> Resource:
    """Make the endpoint's configuration: its variants and the `rest` of what the kind of endpoint has."""
    props: dict[str, Value] = {
        "name": place.physical(spec.formerly or spec.name, limit=CONFIG_NAME),
        "production_variants": tuple(fleet.props(model) for fleet, model in zip(fleets, models, strict=False)),
        **rest,
    }
    if all(fleet.facts is not None and not fleet.facts.nvme_gb for fleet in fleets):
        props["kms_key_arn"] = place.key_arn  # local disks encrypt themselves, and the key would not reach them
    return Resource(place.name(spec.name, "config"), "aws.sagemaker.EndpointConfiguration", props, workload=spec.name)


def endpoint_of(
    place: Place,
    spec: RealtimeEndpoint | AsyncEndpoint,
    fleets: Sequence[Fleet],
    config: Resource,
    logs: Resource,
) -> Endpoint:
    """Make an endpoint on instances, with its alarms, its way of being updated, and its scaling."""
    name = endpoint_name(place, spec)
    update = updates.update_of(spec, place, fleets)
    alarms: tuple[Resource, ...] = ()
    if update is not None or place.watch is not None:
        errors = place.watch.errors if place.watch else _OWN_ERRORS
        alarms = updates.rollback_alarms(spec, place, name, fleets, errors)
    elif isinstance(spec, RealtimeEndpoint) and (target := known(spec.p95_latency)):
        alarms = tuple(
            updates.latency_alarm(place, spec.name, fleet, target, {"EndpointName": name, "VariantName": fleet.variant})
            for fleet in fleets
        )
    props: dict[str, Value] = {"name": name, "endpoint_config_name": Ref(config.name, "name")}
    if update is not None:
        props["deployment_config"] = updates.deployment(update, fleets, alarms)
    if isinstance(known(spec.purchase), Spot):
        props["tags"] = {"mlstage:purchase": "spot"}
    # The log group first: else SageMaker makes it itself, without an end to its keeping.
    options = Options(
        confirm=("endpoint_config_name",),
        locked={fleet.variant: known(fleet.on.instance) for fleet in fleets},
        trigger="instances",
        delete_before_replace=True,
    )
    made = Resource(
        place.name(spec.name, "endpoint"),
        "aws.sagemaker.Endpoint",
        props,
        (logs.name,),
        options=options,
        workload=spec.name,
    )
    scaled = [resource for fleet in fleets for resource in _scaled(place, spec, made, fleet)]
    machines = watch.machine_alarms(place, spec.name, made, fleets)
    return Endpoint((config, *alarms), made, (*scaled, *machines))


def _scaled(
    place: Place, spec: RealtimeEndpoint | AsyncEndpoint, endpoint: Resource, fleet: Fleet
) -> tuple[Resource, ...]:
    if fleet.autoscale is None:
        return ()
    scaled = scaling.Scaled(
        place, spec.name, endpoint, fleet.variant, fleet.autoscale, scaling.INSTANCES, fleet.facts, fleet.part
    )
    made = scaling.scaling(scaled)
    bounds = [known(fleet.autoscale.min), *(action.min for action in known(fleet.autoscale.schedule))]
    return (*made, *scaling.waking(scaled)) if min(bounds) == 0 else made
