"""What schedules and state machines start: which call, of how many at once, and how often a month."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from mlstage.graph import Graph, Resource
from mlstage.insight.calendar import ScheduleError, runs_per_month
from mlstage.insight.cost.model import Amount
from mlstage.insight.cost.schedules import RULE_TARGET, SCHEDULE, expression_of
from mlstage.insight.facts import runs_of
from mlstage.rules.truth import Field, field
from mlstage.rules.views.containers import BATCH_JOB, TASK
from mlstage.rules.views.documents import document
from mlstage.rules.views.jobs import called, requested
from mlstage.rules.views.links import follow
from mlstage.rules.views.pipelines import PIPELINE
from mlstage.rules.views.runs import QUEUE
from mlstage.rules.views.states import STATE_MACHINE, State, states

RUN_TASK: Final = "ecs:runtask"
SUBMIT_JOB: Final = "batch:submitjob"
NOTEBOOK: Final = "aws.sagemaker.NotebookInstance"
FUNCTION: Final = "aws.lambda_.Function"
ALIAS: Final = "aws.lambda_.Alias"
# What a call names, and what that is in a graph.
_NAMED: Final = {
    RUN_TASK: (("TaskDefinition", TASK),),
    SUBMIT_JOB: (("JobDefinition", BATCH_JOB), ("JobQueue", QUEUE)),
    "states:startexecution": (("StateMachineArn", STATE_MACHINE),),
    "states:startsyncexecution": (("StateMachineArn", STATE_MACHINE),),
    "sagemaker:startpipelineexecution": (("PipelineName", PIPELINE),),
    "sagemaker:startnotebookinstance": (("NotebookInstanceName", NOTEBOOK),),
    "lambda:invoke": (("FunctionName", FUNCTION),),
}
RUNNABLE: Final = (STATE_MACHINE, PIPELINE, FUNCTION)
"""What a schedule may have as its target and start."""
_ONE: Final = Amount.exactly(1.0)


@dataclass(frozen=True, slots=True)
class Start:
    """Something that a resource starts whenever it runs itself.

    `call` is the service and the action in small letters, empty for what a schedule has as its target. `given` is what
    the call is given, `named` are the fields of it that name what is started. `many` is how many of it each run of the
    starter starts, None where only a run knows; `longest` the seconds after which it is given up.
    """

    starter: Resource
    call: str
    given: Field
    named: tuple[tuple[Field, str], ...] = ()
    many: Amount | None = _ONE
    longest: float | None = None
    name: str = ""
    is_last_resort: bool = False
    """Whether it comes only after something failed."""

    @property
    def capacity(self) -> frozenset[str]:
        """What tasks are placed by, where the start of a task says it: capacity providers and a launch type."""
        named = [one["CapacityProvider"].text for one in self.given["CapacityProviderStrategy"].items()]
        named += [one["capacity_provider"].text for one in self.given["capacity_provider_strategies"].items()]
        named += [self.given["LaunchType"].text, self.given["launch_type"].text]
        return frozenset(name for name in named if name)


class Starts:
    """Everything that a graph's schedules and state machines start."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    @cached_property
    def all(self) -> tuple[Start, ...]:
        """Every start, schedule by schedule and state by state."""
        return tuple(self._found())

    def of(self, resource: Resource) -> tuple[Start, ...]:
        """Give what one resource starts."""
        return self._by_starter.get(resource.name, ())

    def naming(self, resource: Resource) -> tuple[Start, ...]:
        """Give what starts a resource.

        What is started once more after it failed is the same work: of that, only the first try is given.
        """
        found = self._by_name.get(resource.name, ())
        return tuple(one for one in found if not one.is_last_resort) or found

    def runs(self, starter: Resource) -> tuple[float | None, str]:
        """Say how often a month something runs: by what starts it, else as its author expects.

        None where nobody says. The text says how the number came about, or why there is none.
        """
        often, words = self._runs(starter, frozenset())
        said = runs_of(self._graph, starter.workload)
        if often is None and said is not None and said.per_month is not None:
            return said.per_month, f"{said.per_month:g} runs a month, as expected"
        return often, words

    def _runs(self, starter: Resource, above: frozenset[str]) -> tuple[float | None, str]:
        if starter.type in (SCHEDULE, RULE_TARGET):
            return _fired(self._graph, starter)
        total, words, open_ = 0.0, [], []
        for start in self.naming(starter):
            if start.starter.name in above:
                continue  # it starts itself again
            often, how = self._runs(start.starter, above | {starter.name})
            if often is None or start.many is None:
                open_.append(how if often is None and how else f"how often {start.starter.name} starts it is not known")
                continue
            total += often * start.many.expected
            words.append(expression_of(self._graph, start.starter) or f"by {start.starter.name}")
        known = (_a_month(total, words),) if words else ()
        return total if words else None, "; ".join((*known, *open_))

    @cached_property
    def _by_starter(self) -> dict[str, tuple[Start, ...]]:
        found: dict[str, tuple[Start, ...]] = {}
        for start in self.all:
            found[start.starter.name] = (*found.get(start.starter.name, ()), start)
        return found

    @cached_property
    def _by_name(self) -> dict[str, tuple[Start, ...]]:
        found: dict[str, tuple[Start, ...]] = {}
        for start in self.all:
            for at, kind in start.named:
                for resource in self._led_to(at, kind):
                    found[resource.name] = (*found.get(resource.name, ()), start)
        return found

    def _led_to(self, at: Field, kind: str) -> Iterator[Resource]:
        """Yield what a field names; behind a name for a version of a function, the function."""
        kinds = (kind,) if kind else RUNNABLE
        for resource in follow(self._graph, at, *kinds, *((ALIAS,) if FUNCTION in kinds else ())).resources:
            if resource.type == ALIAS:
                yield from follow(self._graph, field(resource, "function_name"), FUNCTION).resources
            else:
                yield resource

    def _found(self) -> Iterator[Start]:
        for schedule in self._graph.of(SCHEDULE):
            if expression_of(self._graph, schedule):
                yield from _of_target(schedule, field(schedule, "target"), "ecs_parameters")
                if call := called(schedule):
                    yield _of_call(schedule, call, requested(schedule))
        for target in self._graph.of(RULE_TARGET):
            if expression_of(self._graph, target):
                yield from _of_target(target, Field(target, "", target.props), "ecs_target")
        for machine in self._graph.of(STATE_MACHINE):
            for state in states(machine):
                yield _of_state(machine, state)


def _fired(graph: Graph, schedule: Resource) -> tuple[float | None, str]:
    expression = expression_of(graph, schedule)
    try:
        often = runs_per_month(expression)
    except ScheduleError as error:
        return None, str(error)
    return often, _a_month(often, [expression])


def _a_month(often: float, words: list[str]) -> str:
    return f"{often:.4g} {'run' if often == 1 else 'runs'} a month ({', '.join(words)})"


def _of_target(starter: Resource, target: Field, task: str) -> Iterator[Start]:
    """Give what the target of a schedule starts: a resource, a task of ECS, or a job of AWS Batch."""
    at, batch = target[task], target["batch_target"]
    if at.value is not None:
        count = at["task_count"].number
        yield Start(starter, RUN_TASK, at, ((at["task_definition_arn"], TASK),), Amount.exactly(count or 1.0))
    elif batch.value is not None:
        size = Amount.exactly(batch["array_size"].number or 1.0)
        yield Start(starter, SUBMIT_JOB, batch, ((batch["job_definition"], BATCH_JOB), (target["arn"], QUEUE)), size)
    else:
        yield Start(starter, "", target, ((target["arn"], ""),))


def _of_call(starter: Resource, call: str, given: Field) -> Start:
    named = tuple((given[key], kind) for key, kind in _NAMED.get(call, ()))
    return Start(starter, call, given, named, Amount.exactly(_parts(call, given)))


def _of_state(machine: Resource, state: State) -> Start:
    given = state.arguments
    named = tuple((given[key], kind) for key, kind in _NAMED.get(state.call, ()))
    if state.call == "lambda:invoke" and given["FunctionName"].value is None:
        named = ((state.at["Resource"], FUNCTION),)
    most = None if state.times is None else state.times * _parts(state.call, given)
    many = None if most is None else Amount(most if state.way == "always" else 0.0, most, most)
    last = state.way == "after a failure"
    if last and many is not None:
        many = Amount(0.0, 0.0, many.high)
    limit = state.at["TimeoutSeconds"].number or document(field(machine, "definition"))["TimeoutSeconds"].number
    longest = None if limit is None else float(limit)
    return Start(machine, state.call, given, named, many, longest, state.name, last)


def _parts(call: str, given: Field) -> float:
    """Count what one call starts: tasks of a task definition, parts of an array job."""
    found = {RUN_TASK: given["Count"], SUBMIT_JOB: given["ArrayProperties"]["Size"]}.get(call)
    return float((found.number if found else None) or 1)
