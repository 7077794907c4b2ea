"""What a stack needs of an account's service quotas, which for big machines are 0 until somebody asks for more.

Quotas are named as AWS Service Quotas lists them: SageMaker counts machines by type and use, EC2 and Fargate count
vCPUs, Lambda counts executions. What cannot be counted, such as a machine of an unknown type, is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Final

from mlstage.catalog.instances import instance
from mlstage.graph import Graph, Resource
from mlstage.insight.cost.pricing import number
from mlstage.insight.cost.scaling import ScalingIndex
from mlstage.insight.cost.starts import RUN_TASK, Start, Starts
from mlstage.rules.truth import Field, field
from mlstage.rules.views.endpoints import CONFIGURATION, ENDPOINT
from mlstage.rules.views.jobs import JOB_CALLS, jobs_of
from mlstage.rules.views.links import follow
from mlstage.rules.views.pipelines import Job
from mlstage.rules.views.services import SERVICE, Service, strategies

_GROUP: Final = "aws.autoscaling.Group"
_BATCH: Final = "aws.batch.ComputeEnvironment"
_FUNCTION: Final = "aws.lambda_.Function"
_NOTEBOOK: Final = "aws.sagemaker.NotebookInstance"
_INSTANCES: Final = "sagemaker:variant:DesiredInstanceCount"
_TASKS: Final = "ecs:service:DesiredCount"
_JOBS: Final = {"Training": "training job", "Tuning": "training job", "Processing": "processing job"}
# How EC2 counts: by what a family's name begins with. Source: AWS, "Amazon EC2 instance type quotas" (read 2026-11).
_STANDARD: Final = "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances"
_BY_FAMILY: Final = {
    "g": "Running On-Demand G and VT instances",
    "vt": "Running On-Demand G and VT instances",
    "p": "Running On-Demand P instances",
    "inf": "Running On-Demand Inf instances",
    "trn": "Running On-Demand Trn instances",
    **dict.fromkeys("acdhimrtz", _STANDARD),
}
# Spot capacity of P machines has several quotas by generation, and is left out.
_SPOT: Final = {
    "g": "All G and VT Spot Instance Requests",
    "vt": "All G and VT Spot Instance Requests",
    "inf": "All Inf Spot Instance Requests",
    "trn": "All Trn Spot Instance Requests",
    **dict.fromkeys("acdhimrtz", "All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests"),
}
_FARGATE: Final = {
    "FARGATE": "Fargate On-Demand vCPU resource count",
    "FARGATE_SPOT": "Fargate Spot vCPU resource count",
}


@dataclass(frozen=True, slots=True)
class Need:
    """What a stack needs of one quota: `steady` in its own right, and `updating` while an endpoint is replaced.

    `service` is the code by which Service Quotas knows the service; `resources` are the logical names that need it.
    """

    service: str
    quota: str
    steady: float
    updating: float
    resources: tuple[str, ...]


def needs(graph: Graph) -> tuple[Need, ...]:
    """Say what a stack needs at its fullest: every endpoint at its maximum, and every job at the same time."""
    found: dict[tuple[str, str], Need] = {}
    for service, quota, resource, steady, updating in _all(graph, ScalingIndex(graph)):
        key = (service, quota)
        before = found.get(key, Need(service, quota, 0, 0, ()))
        names = before.resources if resource.name in before.resources else (*before.resources, resource.name)
        found[key] = Need(service, quota, before.steady + steady, before.updating + updating, names)
    return tuple(found[key] for key in sorted(found))


def is_accelerated(need: Need) -> bool:
    """Say whether a quota is of machines with GPUs or Neuron devices, of which new accounts have none."""
    if need.service == "ec2":
        return "Standard" not in need.quota
    facts = instance(need.quota.partition(" ")[0])
    return facts is not None and facts.accelerator is not None


_Part = tuple[str, str, Resource, float, float]


def _all(graph: Graph, scaling: ScalingIndex) -> Iterator[_Part]:
    for endpoint in graph.of(ENDPOINT):
        yield from _endpoint(graph, endpoint, scaling)
    for job in jobs_of(graph):
        yield from _job(job, 1.0)
    for start in Starts(graph).all:
        yield from _started(graph, start)
    for notebook in graph.of(_NOTEBOOK):
        if name := field(notebook, "instance_type").text:
            yield "sagemaker", f"{name} for notebook instance usage", notebook, 1, 1
    for service in graph.of(SERVICE):
        yield from _tasks(graph, service, scaling)
    for group in graph.of(_GROUP):
        yield from _machines(graph, group)
    for environment in graph.of(_BATCH):
        yield from _queued(environment)
    for function in graph.of(_FUNCTION):
        if kept := field(function, "reserved_concurrent_executions").number:
            yield "lambda", "Concurrent executions", function, float(kept), float(kept)


def _endpoint(graph: Graph, endpoint: Resource, scaling: ScalingIndex) -> Iterator[_Part]:
    """Count an endpoint's machines; while it is updated, SageMaker runs as many new ones beside them."""
    for configuration in follow(graph, field(endpoint, "endpoint_config_name"), CONFIGURATION).resources[:1]:
        for key in ("production_variants", "shadow_production_variants"):
            for variant in field(configuration, key).items():
                name, count = variant["instance_type"].text, variant["initial_instance_count"].number
                if name:
                    most = _most(scaling, endpoint, count, variant["variant_name"].text or "", _INSTANCES)
                    yield "sagemaker", f"{name} for endpoint usage", endpoint, most, 2 * most


def _most(scaling: ScalingIndex, resource: Resource, count: float | None, variant: str, dimension: str) -> float:
    bounds = scaling.bounds(resource, float(count or 1), variant=variant, dimension=dimension)
    if bounds.scaling is None:
        return bounds.high
    return float(max([bounds.scaling.maximum, *(high for _, _, high in bounds.scaling.changes if high is not None)]))


def _started(graph: Graph, start: Start) -> Iterator[_Part]:
    """Count what a state machine starts: tasks on Fargate, and of a job in a map as many as there are items.

    `jobs_of` has each of its jobs once; machines that tasks run on are counted with their group.
    """
    many = start.many.high if start.many is not None else 1.0
    if start.call in JOB_CALLS and many > 1:
        name = start.name or start.starter.name
        yield from _job(Job(JOB_CALLS[start.call], name, start.given), many - 1)
    elif start.call == RUN_TASK:
        for at, kind in start.named:
            for task in follow(graph, at, kind).resources:
                units = number(field(task, "cpu"))
                for provider in sorted(start.capacity & set(_FARGATE)) if units else ():
                    vcpus = (units or 0.0) / 1024 * many
                    yield "fargate", _FARGATE[provider], start.starter, vcpus, vcpus


def _job(job: Job, many: float) -> Iterator[_Part]:
    kind = "transform job" if job.kind == "Transform" else _JOBS[job.kind]
    if job.is_training and job.spot.value is True:
        kind = f"spot {kind}"
    for name, count in job.machines if job.name else ():
        if name:
            together = count * job.at_once * many
            yield "sagemaker", f"{name} for {kind} usage", job.resource, together, together
            if job.is_training and job.kept_warm.number:
                yield "sagemaker", f"{name} for training warm pool usage", job.resource, together, together


def _tasks(graph: Graph, service: Resource, scaling: ScalingIndex) -> Iterator[_Part]:
    """Count a service's vCPUs on Fargate; while it is updated, ECS may run twice as many tasks."""
    used = {strategy.provider.text for strategy in strategies(Service(service).strategy)}
    used |= {field(service, "launch_type").text} & set(_FARGATE)
    task = next(iter(follow(graph, field(service, "task_definition"), "aws.ecs.TaskDefinition").resources), None)
    units = number(field(task, "cpu")) if task else None
    if not units:
        return
    vcpus = units / 1024 * _most(scaling, service, field(service, "desired_count").number, "", _TASKS)
    share = number(field(service, "deployment_maximum_percent")) or 200.0
    for provider in sorted(name for name in used if name in _FARGATE):
        yield "fargate", _FARGATE[provider], service, vcpus, vcpus * max(1.0, share / 100)


def _machines(graph: Graph, group: Resource) -> Iterator[_Part]:
    """Count a group's vCPUs at its largest, by the first type that it may launch."""
    mixed = field(group, "mixed_instances_policy")["launch_template"]
    names = [one["instance_type"].text for one in mixed["overrides"].items()]
    chosen = field(group, "launch_template")["id"] if mixed.value is None else _template_of(mixed)
    for template in follow(graph, chosen, "aws.ec2.LaunchTemplate").resources if not names else ():
        names.append(field(template, "instance_type").text)
    facts = instance(names[0]) if names and names[0] else None
    quota = _BY_FAMILY.get(_letters(facts.family)) if facts else None
    most = field(group, "max_size").number
    if facts and quota and most:
        vcpus = float(ceil(facts.vcpu * most))
        yield "ec2", quota, group, vcpus, vcpus


def _queued(environment: Resource) -> Iterator[_Part]:
    """Count the vCPUs that AWS Batch may run at once."""
    found = field(environment, "compute_resources")
    most, kind = found["max_vcpus"].number, found["type"].text or ""
    facts = next((instance(one.text) for one in found["instance_types"].items() if one.text), None)
    letters = _letters(facts.family) if facts else ""
    if most and kind in _FARGATE:
        yield "fargate", _FARGATE[kind], environment, float(most), float(most)
    elif most and (quota := (_SPOT if kind == "SPOT" else _BY_FAMILY).get(letters)):
        yield "ec2", quota, environment, float(most), float(most)


def _template_of(mixed: Field) -> Field:
    return mixed["launch_template_specification"]["launch_template_id"]


def _letters(family: str) -> str:
    """Give the letters before a family's generation: `inf` of `inf2`, `c` of `c7gn`."""
    return family[: next((at for at, letter in enumerate(family) if letter.isdigit()), len(family))]
