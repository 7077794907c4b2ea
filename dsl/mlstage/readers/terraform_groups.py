"""Whose a resource is, told by its tags and its name: Terraform has no parents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from mlstage.graph import Graph, Group, JsonDocument, Resource, Value

ENVIRONMENT_TAG: Final = "mlstage:environment"
STACK_TAG: Final = "mlstage:stack"
WORKLOAD_TAG: Final = "mlstage:workload"

_STEPS: Final = {
    "Training": "Training",
    "Tuning": "Training",
    "Transform": "BatchInference",
    "Processing": "Processing",
}


def environment_of(resources: Iterable[Resource]) -> tuple[str, str]:
    """Give the environment and the stack that resources are tagged with, each empty unless they agree."""
    environments: set[str] = set()
    stacks: set[str] = set()
    for resource in resources:
        environments.update(_tag(resource, ENVIRONMENT_TAG))
        stacks.update(_tag(resource, STACK_TAG))
    return (_only(environments), _only(stacks))


def with_workloads(resources: Sequence[Resource], environment: str) -> tuple[Resource, ...]:
    """Give each resource its workload: its tag's or, where it takes no tags, the one its name begins with."""
    workloads = sorted({name for one in resources for name in _tag(one, WORKLOAD_TAG)}, key=len, reverse=True)
    return tuple(replace(one, workload=_workload(one, workloads, environment)) for one in resources)


def _workload(resource: Resource, workloads: Sequence[str], environment: str) -> str:
    tagged = _only({*_tag(resource, WORKLOAD_TAG)})
    if tagged or isinstance(resource.props.get("tags"), Mapping):
        return tagged
    names = (name for name in workloads if f"{resource.name}-".startswith(f"{environment}-{name}-"))
    return next(names, "") if environment else ""


def grouped(resources: Iterable[Resource]) -> tuple[Group, ...]:
    """Give the group of every workload that resources belong to, in their order."""
    members: dict[str, list[Resource]] = {}
    for resource in resources:
        if resource.workload:
            members.setdefault(resource.workload, []).append(resource)
    return tuple(Group(name, _kind(Graph(tuple(found)))) for name, found in members.items())


def _kind(graph: Graph) -> str:
    """Say what a workload is by what it consists of; `workload` if that is not told."""
    if configurations := graph.of("aws.sagemaker.EndpointConfiguration"):
        asynchronous = any("async_inference_config" in one.props for one in configurations)
        return "AsyncEndpoint" if asynchronous else "RealtimeEndpoint"
    if graph.of("aws.sagemaker.NotebookInstance"):
        return "Notebook"
    kinds = (
        _STEPS[kind]
        for one in graph.of("aws.sagemaker.Pipeline")
        for kind in _steps(one.props.get("pipeline_definition"))
    )
    return next(kinds, "workload")


def _steps(definition: Value) -> Iterator[str]:
    content = definition.value if isinstance(definition, JsonDocument) else None
    steps = content.get("Steps") if isinstance(content, Mapping) else ()
    for step in steps if isinstance(steps, tuple) else ():
        kind = step.get("Type") if isinstance(step, Mapping) else None
        if isinstance(kind, str) and kind in _STEPS:
            yield kind


def _tag(resource: Resource, key: str) -> Iterator[str]:
    tags = resource.props.get("tags")
    if isinstance(tags, Mapping) and isinstance(value := tags.get(key), str):
        yield value


def _only(found: set[str]) -> str:
    return next(iter(found)) if len(found) == 1 else ""
