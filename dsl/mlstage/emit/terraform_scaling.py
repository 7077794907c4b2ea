"""Scaled endpoints in Terraform: AWS refuses some updates while a variant is registered for auto-scaling."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstage.graph import Graph, Join, Ref, Resource, Value

_TARGET, _POLICY = "aws.appautoscaling.Target", "aws.appautoscaling.Policy"
_ENDPOINT, _CONFIGURATION = "aws.sagemaker.Endpoint", "aws.sagemaker.EndpointConfiguration"


def update_triggers(graph: Graph) -> Mapping[str, tuple[Ref, ...]]:
    """Say for each scaling target and policy of an endpoint what must make Terraform replace it when it changes.

    An update that changes a variant's instance type is refused while the variant is a registered scalable target. When
    the target is replaced in the same run, Terraform removes it before it updates the endpoint, on which the target
    depends, and makes it again after. AWS drops a target's policies with it, so they follow.
    """
    found: dict[str, tuple[Ref, ...]] = {}
    for target in graph.of(_TARGET):
        types = tuple(_instance_types(graph, target))
        if types:
            found[target.name] = types
            for policy in graph.users.get(target.name, ()):
                if policy.type == _POLICY:
                    found[policy.name] = types
    return found


def _instance_types(graph: Graph, target: Resource) -> Iterator[Ref]:
    variant = _text(target.props.get("resource_id")).rpartition("/variant/")[2]
    for endpoint in _referred(graph, target, "resource_id", _ENDPOINT):
        for configuration in _referred(graph, endpoint, "endpoint_config_name", _CONFIGURATION):
            variants = configuration.props.get("production_variants")
            for index, one in enumerate(variants if isinstance(variants, tuple) else ()):
                if isinstance(one, Mapping) and one.get("variant_name") == variant and one.get("instance_type"):
                    yield Ref(configuration.name, f"production_variants[{index}].instance_type")


def _referred(graph: Graph, resource: Resource, name: str, type_name: str) -> Iterator[Resource]:
    value = resource.props.get(name)
    for part in value.parts if isinstance(value, Join) else (value,):
        if isinstance(part, Ref) and graph.by_name[part.resource].type == type_name:
            yield graph.by_name[part.resource]


def _text(value: Value) -> str:
    parts = value.parts if isinstance(value, Join) else (value,)
    return "".join(part for part in parts if isinstance(part, str))
