"""A content hash in the name of what AWS makes immutable, so that a change makes a new one beside the old."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from mlstage.graph import (
    VOCABULARY,
    Graph,
    GraphError,
    Join,
    Ref,
    Resource,
    Value,
    in_dependency_order,
    transform,
)
from mlstage.passes.context import Context
from mlstage.passes.names import HASH_LENGTH, content_hash, physical_name

# What AWS cannot change, and does not allow twice under one name, with the longest name it takes (botocore 1.43).
IMMUTABLE: Final[Mapping[str, int]] = {
    "aws.sagemaker.Model": 63,
    "aws.sagemaker.EndpointConfiguration": 63,
}
# What AWS changes in place but for these properties, and does not allow twice under one name, so that the new one could
# not be there before the old one goes. A capacity provider's name stays taken for as long as it is being deleted.
REPLACED: Final[Mapping[str, tuple[int, tuple[str, ...]]]] = {
    "aws.lb.LoadBalancer": (32, ("internal", "load_balancer_type")),
    "aws.lb.TargetGroup": (32, ("port", "protocol", "protocol_version", "target_type", "vpc_id")),
    "aws.ecs.CapacityProvider": (255, ("auto_scaling_group_provider.auto_scaling_group_arn",)),
}
# These may change without a new object.
_IN_PLACE: Final = frozenset({"name", "tags"})


def hashed_names(graph: Graph, _context: Context) -> Graph:
    """Put behind the name of each immutable resource a hash of all that, if changed, would make it another one.

    The lowering sets `name` to the readable part. What a resource refers to counts by what makes AWS replace it: a
    configuration is a new one when its model is, and a model when its role is. Tags do not count, nor do logical names
    where an alias tells the earlier one, so a renamed workload keeps what it has.
    """
    identities: dict[str, Value] = {}
    named: dict[str, Resource] = {}
    for resource in in_dependency_order(graph):
        if resource.type in IMMUTABLE or resource.type in REPLACED:
            named[resource.name] = _named(resource, identities)
            identities[resource.name] = named[resource.name].props["name"]
        else:
            identities[resource.name] = _identity(resource, identities)
    return graph.with_resources(named.get(resource.name, resource) for resource in graph.resources)


def _named(resource: Resource, identities: Mapping[str, Value]) -> Resource:
    prefix = resource.props.get("name")
    if not isinstance(prefix, str) or not prefix:
        raise GraphError(f"{resource.name!r} is immutable in AWS and has no readable name for a hash to follow")
    limit, content = _content(resource)
    digest = content_hash(_expanded(content, identities))
    named = resource.with_props(name=f"{physical_name(prefix, limit=limit - HASH_LENGTH - 1)}-{digest}")
    if resource.type not in IMMUTABLE:
        return named
    # A version of its own for the engine as well: going back to the former one after an update that failed half-way
    # then finds it as it was, where a replacement would have to make it under a name that is still taken.
    return replace(named, options=replace(named.options, version=digest))


def _content(resource: Resource) -> tuple[int, dict[str, Value]]:
    """Give the longest name that AWS takes, and what makes the resource another one."""
    if resource.type in IMMUTABLE:
        content = {key: value for key, value in resource.props.items() if key not in _IN_PLACE}
        return IMMUTABLE[resource.type], content
    limit, paths = REPLACED[resource.type]
    return limit, {path: _at(resource.props, path.split(".")) for path in paths}


def _at(value: Value, path: list[str]) -> Value:
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _identity(resource: Resource, identities: Mapping[str, Value]) -> str:
    replaces = VOCABULARY[resource.type].replaces
    content = {key: value for key, value in resource.props.items() if key in replaces}
    first_name = resource.options.aliases[-1] if resource.options.aliases else resource.name
    return content_hash({"type": resource.type, "name": first_name, "props": _expanded(content, identities)})


def _expanded(value: Value, identities: Mapping[str, Value]) -> Value:
    def expand(part: Value) -> Value:
        match part:
            case Ref(resource, attribute):
                return {"of": identities[resource], "attribute": attribute}
            case Join(parts):
                return tuple(expand(piece) for piece in parts)
            case _:
                return part

    return transform(value, expand)
