"""From a resolved environment to a graph: every workload to its target, and what they share once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from mlstage.catalog.regions import nearest_region
from mlstage.catalog.regions import region as region_named
from mlstage.diagnostics import Diagnostic, Where
from mlstage.graph import Graph, GraphError, Group, JsonDocument, Ref, Resource, Value, join
from mlstage.resolve import Resolved, ResolvedEnvironment
from mlstage.spec.per_stage import known
from mlstage.spec.stages import OwnNetwork
from mlstage.spec.workloads import Workload
from mlstage.targets import checkpoints
from mlstage.targets.base import Blame, No, Target
from mlstage.targets.batch import BatchTarget
from mlstage.targets.ecs import EcsTarget
from mlstage.targets.eks import EksTarget
from mlstage.targets.exports import exports
from mlstage.targets.facts import facts_of, facts_of_stack
from mlstage.targets.lambda_ import LambdaTarget
from mlstage.targets.network import own_network
from mlstage.targets.place import Place, Reach
from mlstage.targets.sagemaker import SageMakerServerlessTarget, SageMakerTarget
from mlstage.targets.topics import PUBLISHERS
from mlstage.targets.watching import watching

TARGETS: Final[tuple[Target, ...]] = (
    SageMakerTarget(),
    SageMakerServerlessTarget(),
    EcsTarget(),
    EksTarget(),
    LambdaTarget(),
    BatchTarget(),
)


def place_of(environment: ResolvedEnvironment) -> Place:
    """Say where the environment comes up: in the stage's network, or in one of its own if a workload needs one."""
    stage = environment.stage
    name = environment.environment.name
    place = Place(
        name,
        environment.stack,
        stage.tier,
        environment.region,
        stage.network,
        key=stage.key,
        watch=environment.watch,
        billed_to=f"{name}-{environment.stack}" if stage.monthly_budget else "",
        former={one.workload.name: one.workload.formerly for one in environment.workloads if one.workload.formerly},
    )
    reach = Reach()
    for resolved in environment.workloads:
        reach = reach.and_(target_of(resolved.workload).reach(resolved, place))
    return replace(place, reach=reach, network=place.network or (OwnNetwork() if reach.network else None))


def check(environment: ResolvedEnvironment, stack_file: Where) -> tuple[Diagnostic, ...]:
    """Say all that AWS would refuse of an environment in a stack."""
    region = environment.region
    if region_named(region) is None:
        close = nearest_region(region)
        instead = " or ".join(f"`aws:region: {name}`" for name in close) or "`aws:region: us-east-1`"
        what = f"{region!r} is no AWS region"
        return (Diagnostic("AWS117", what, instead, where=stack_file, stack=environment.stack),)
    place = place_of(environment)
    own = _check_key(environment, place)
    return (*own, *(found for workload in environment.workloads for found in _check(workload, place)))


def _check_key(environment: ResolvedEnvironment, place: Place) -> tuple[Diagnostic, ...]:
    """Check that a named key lies where it is used: keys, like their ciphertexts, stay in their region."""
    region = place.key.split(":")[3] if place.key else place.region
    if region == place.region:
        return ()
    where = environment.stage.where("key")
    what = f"the stage's KMS key lies in {region}, but the stack is in {place.region}"
    instead = f"the ARN of a key in {place.region}"
    return (Diagnostic("AWS153", what, instead, where=where, field="key", stack=place.stack),)


def _check(workload: Resolved[Workload], place: Place) -> Iterator[Diagnostic]:
    target = target_of(workload.workload)
    answer = dict(target.can.answers()).get(type(workload.workload).__name__)
    if isinstance(answer, No):
        blame = Blame(workload, place)
        kind = type(workload.workload).__name__
        article = "an" if kind[0] in "AEIOU" else "a"
        yield blame("AWS118", "on", f"{target.name} cannot run {article} {kind}: {answer.because}", answer.instead)
        return
    yield from checkpoints.check(workload, target.can.checkpoint_volume, Blame(workload, place))
    yield from target.check(workload, place)


def lower(environment: ResolvedEnvironment) -> Graph:
    """Turn an environment without errors into the graph of its stack."""
    place = place_of(environment)
    resources: list[Resource] = []
    groups: list[Group] = []
    for resolved in environment.workloads:
        workload = resolved.workload
        target = target_of(workload)
        source = resolved.where()
        made = target.lower(resolved, place)
        resources += (replace(_with_alias(one, workload, place), source=source) for one in made)
        places = {path: origin.where for path, origin in resolved.origins.items() if origin.where}
        kind, facts = type(workload).__name__, facts_of(workload)
        groups.append(Group(workload.name, kind, target.name, source, places, facts))
    resources = _once([*resources, *watching(place, resources, environment.stage.monthly_budget)])
    of_targets = tuple(_of_targets(environment, place))
    shared = (*_shared(place, [*of_targets, *resources]), *of_targets)
    return Graph(
        resources=(*shared, *resources),
        environment=place.environment,
        stack=place.stack,
        tier=place.tier,
        region=place.region,
        groups=tuple(groups),
        exports=exports(place, [one.workload for one in environment.workloads], (*shared, *resources)),
        facts=facts_of_stack(environment),
    )


def target_of(workload: Workload) -> Target:
    """Find the target that a workload is put on; a notebook is always SageMaker's."""
    on = known(getattr(workload, "on", None))
    return next((target for target in TARGETS if isinstance(on, target.spec)), TARGETS[0])


def _once(resources: list[Resource]) -> list[Resource]:
    """Keep the first of what several workloads made alike for the environment, such as the topic of one address."""
    kept: dict[str, Resource] = {}
    for resource in resources:
        if not resource.workload:  # a workload's own resources of one name are the author's to keep apart
            first = kept.setdefault(resource.name, resource)
            if replace(resource, source=first.source) != first:
                raise GraphError(f"two different resources are named {resource.name!r}")
    return [one for one in resources if one.workload or kept[one.name] is one]


def _of_targets(environment: ResolvedEnvironment, place: Place) -> Iterator[Resource]:
    """Make what the workloads of each target share."""
    for target in TARGETS:
        if theirs := [one for one in environment.workloads if target_of(one.workload) is target]:
            yield from target.shared(theirs, place)


def _with_alias(resource: Resource, workload: Workload, place: Place) -> Resource:
    if workload.formerly is None or not resource.workload:
        return resource
    part = resource.name.removeprefix(place.name(workload.name))
    return replace(resource, options=replace(resource.options, aliases=(place.name(workload.formerly) + part,)))


def _shared(place: Place, resources: list[Resource]) -> tuple[Resource, ...]:
    """Make what the workloads refer to and share: the account's id, the environment's key, its own network."""
    network = own_network(place, place.network) if isinstance(place.network, OwnNetwork) else ()
    needed = {needed for resource in (*network, *resources) for needed in resource.needs()}
    topics = any(resource.type == "aws.sns.Topic" for resource in resources)
    key = (place.shared("key"), "aws.kms.Key", _key(place, topics))
    alias_props: dict[str, Value] = {
        "name": f"alias/{place.physical(limit=240)}",
        "target_key_id": Ref(key[0], "key_id"),
    }
    made: list[Resource] = []
    if place.shared("account") in needed:
        made.append(Resource(place.shared("account"), "aws.get_caller_identity", {}))
    if place.shared("key") in needed:
        made += [Resource(*key), Resource(place.shared("key-alias"), "aws.kms.Alias", alias_props)]
    return (*made, *network)


def _key(place: Place, topics: bool) -> dict[str, Value]:
    policy: dict[str, Value] = {"policy": JsonDocument(_key_policy(place))} if topics else {}
    return {
        **policy,
        "description": f"Data at rest of {place.environment} in stack {place.stack}",
        "enable_key_rotation": True,
        # A key that is gone takes its data with it: production has the longest time to notice.
        "deletion_window_in_days": 30 if place.production else 7,
    }


def _key_policy(place: Place) -> dict[str, Value]:
    """Let the account's own policies decide, as by default, and AWS's services write into encrypted topics."""
    root: dict[str, Value] = {
        "Sid": "AccountDecides",
        "Effect": "Allow",
        "Principal": {"AWS": join(f"arn:{place.partition}:iam::", place.account, ":root")},
        "Action": "kms:*",
        "Resource": "*",
    }
    services: dict[str, Value] = {
        "Sid": "ReportsToTopics",
        "Effect": "Allow",
        "Principal": {"Service": tuple(f"{service}.amazonaws.com" for service in PUBLISHERS)},
        "Action": ("kms:Decrypt", "kms:GenerateDataKey"),
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceAccount": place.account}},
    }
    return {"Version": "2012-10-17", "Statement": (root, services)}
