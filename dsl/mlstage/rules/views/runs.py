"""What runs to its end in containers, and whether on Spot: tasks of ECS, jobs of AWS Batch and of Kubernetes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mlstage.graph import Graph, Resource
from mlstage.rules.truth import NO, Field, Truth, all_of, any_of, field, truth
from mlstage.rules.views.compute import BATCH
from mlstage.rules.views.containers import BATCH_JOB, TASK
from mlstage.rules.views.jobs import SCHEDULE, called, requested
from mlstage.rules.views.links import follow
from mlstage.rules.views.nodes import placement_of
from mlstage.rules.views.pods import CRON_JOB, JOB
from mlstage.rules.views.services import Capacity, Strategy, strategies
from mlstage.rules.views.states import STATE_MACHINE, is_read, states

EVENT: Final = "aws.cloudwatch.EventTarget"
QUEUE: Final = "aws.batch.JobQueue"
_SPOT_TYPES: Final = ("SPOT", "FARGATE_SPOT")


@dataclass(frozen=True, slots=True)
class Run:
    """One way in which a task definition, job definition or job comes to run.

    `at` is what says how its machines are bought, `is_tried_again` whether somebody saw to what happens when one is
    taken back, and `told` what the program is told beyond its own definition.
    """

    program: Resource
    at: Field
    is_spot: Truth
    is_tried_again: Truth
    told: tuple[Field, ...] = ()


def runs(graph: Graph) -> Iterator[Run]:
    """Yield every run to an end of a graph, of programs that are in it."""
    yield from _of_tasks(graph)
    yield from _of_batch(graph)
    placement = placement_of(graph)
    for job in graph.of(JOB, CRON_JOB):
        at, is_spot = placement.is_spot(job)
        yield Run(job, at, is_spot, _is_retried_by_kubernetes(job))


def _is_retried_by_kubernetes(job: Resource) -> Truth:
    """Say whether its author counted the tries: what Kubernetes does unasked is nobody's plan."""
    spec = field(job, "spec")
    if job.type == CRON_JOB:
        spec = spec["job_template"]["spec"]
    limit = spec["backoff_limit"]
    return (limit.is_given() & ~limit.is_below(1)) | spec["pod_failure_policy"].is_given()


def _of_tasks(graph: Graph) -> Iterator[Run]:
    capacity = Capacity(graph)
    for start in _started_tasks(graph):
        for task in follow(graph, start.task, TASK).resources:
            chosen = start.strategy
            if not chosen and start.launch_type.value is None:
                chosen = tuple(capacity.strategy_of(start.cluster))
            for one in chosen:
                is_spot = one.is_used & (one.is_fargate_spot | capacity.is_spot(one))
                yield Run(task, one.provider, is_spot, start.is_tried_again, (start.told,))
    for machine in graph.of(STATE_MACHINE):
        if not is_read(machine):
            at = field(machine, "definition")
            for task in follow(graph, at, TASK).resources:
                yield Run(task, at, at.gap(), NO)


@dataclass(frozen=True, slots=True)
class _Start:
    """What starts a task, and on which capacity."""

    task: Field
    cluster: Field
    strategy: tuple[Strategy, ...]
    launch_type: Field
    told: Field
    is_tried_again: Truth = NO


def _started_tasks(graph: Graph) -> Iterator[_Start]:
    for resource, target in (
        *((one, field(one, "target")) for one in graph.of(SCHEDULE)),
        *((one, Field(one, "", one.props)) for one in graph.of(EVENT)),
    ):
        at = target["ecs_parameters" if resource.type == SCHEDULE else "ecs_target"]
        if at.value is not None:
            strategy = strategies(at["capacity_provider_strategies"])
            yield _Start(at["task_definition_arn"], target["arn"], strategy, at["launch_type"], target["input"])
    for machine in graph.of(STATE_MACHINE):
        for state in states(machine):
            if state.call == "ecs:runtask":
                given = state.arguments
                strategy = strategies(given["CapacityProviderStrategy"], as_called=True)
                again, told = truth(state.is_tried_again), given["Overrides"]
                yield _Start(given["TaskDefinition"], given["Cluster"], strategy, given["LaunchType"], told, again)


def _of_batch(graph: Graph) -> Iterator[Run]:
    submitted: dict[str, list[_Submission]] = {}
    for one in _submitted(graph):
        for job in follow(graph, one.definition, BATCH_JOB).resources:
            submitted.setdefault(job.name, []).append(one)
    queues = graph.of(QUEUE)
    for job in graph.of(BATCH_JOB):
        at = next((field(job, name) for name in _DESCRIPTIONS if job.props.get(name) is not None), field(job, "type"))
        attempts = field(job, "retry_strategy")["attempts"]
        again = attempts.is_given() & ~attempts.is_below(2)
        own = submitted.get(job.name, [])
        for one in own:
            found = follow(graph, one.queue, QUEUE)
            spot = any_of(_is_spot(graph, queue) for queue in found.resources) if found.resources else found.gap()
            yield Run(job, at, spot, again, one.told)
        if not own and queues:
            yield Run(job, at, _is_spot_wherever(graph, job, queues), again)


_DESCRIPTIONS: Final = ("container_properties", "node_properties", "ecs_properties", "eks_properties")


def _is_spot_wherever(graph: Graph, job: Resource, queues: tuple[Resource, ...]) -> Truth:
    """Say whether a job gets Spot whoever submits it: where the queues that it may go to are all alike."""
    own = [one for one in queues if job.workload and one.workload == job.workload] or queues
    bought = [_is_spot(graph, one) for one in own]
    if any_of(bought).value is False or all_of(bought).value:
        return any_of(bought)
    return field(job, "type").gap("which queue it is submitted to is not said in this stack")


@dataclass(frozen=True, slots=True)
class _Submission:
    """What submits a job of AWS Batch, and to which queue. A request that is not known yet refers to both."""

    definition: Field
    queue: Field
    told: tuple[Field, ...] = ()


def _submitted(graph: Graph) -> Iterator[_Submission]:
    for schedule in graph.of(SCHEDULE):
        if called(schedule) == "batch:submitjob":
            yield _request(requested(schedule))
    for target in graph.of(EVENT):
        batch = field(target, "batch_target")
        if batch.value is not None:
            yield _Submission(batch["job_definition"], field(target, "arn"), (field(target, "input"),))
    for machine in graph.of(STATE_MACHINE):
        if not is_read(machine):
            at = field(machine, "definition")
            yield _Submission(at, at)
        for state in states(machine):
            if state.call == "batch:submitjob":
                yield _request(state.arguments)


def _request(job: Field) -> _Submission:
    told = tuple(job[name] for name in ("ContainerOverrides", "Parameters", "EksPropertiesOverride"))
    return _Submission(job["JobDefinition"], job["JobQueue"], told)


def _is_spot(graph: Graph, queue: Resource) -> Truth:
    """Say whether a job in a queue may get Spot capacity: from any of its environments, as each may be the next."""
    orders = [one["compute_environment"] for one in field(queue, "compute_environment_orders").items()]
    answers: list[Truth] = []
    for order in orders:
        found = follow(graph, order, BATCH)
        kinds = [field(one, "compute_resources")["type"] for one in found.resources]
        answers.append(any_of(kind.is_one_of(*_SPOT_TYPES) for kind in kinds) if kinds else found.gap())
    return any_of(answers)
