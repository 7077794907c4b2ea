"""What happens to a workload while its change is deployed, in sentences: does it go on answering, what starts anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from mlstage.graph import Value
from mlstage.insight.review.steps import Operation, Step
from mlstage.insight.review.workloads import WorkloadChange
from mlstage.rules.truth import field
from mlstage.rules.words import type_words

_VERBS: Final[Mapping[Operation, str]] = {
    "create": "added",
    "update": "changed in place",
    "renew": "renewed",
    "replace": "replaced",
    "delete": "deleted",
    "forget": "left in AWS",
}
Teller = Callable[[Step], Iterator[str]]


def outcome(change: WorkloadChange) -> str:
    """Say what happens to a workload, most important first, on one line."""
    if change.status == "added" and not any(step.before for step in change.steps):
        return f"new: {counted(change.steps)}"
    if change.status == "removed":
        return f"removed: {counted(change.steps)}"
    told = [words for step in change.steps if (tell := TELLERS.get(step.resource.type)) for words in tell(step)]
    told += [] if told else [counted(change.steps)]
    if change.status == "renamed":
        told.insert(0, "deployed resources are kept under the new name")
    return "; ".join(dict.fromkeys(words for words in told if words)) or "nothing in AWS changes"


def counted(found: tuple[Step, ...]) -> str:
    """Count steps by what they do: `2 resources added, 1 changed in place`."""
    counts = Counter(_VERBS[step.operation] for step in found if step.operation != "same")
    told = [f"{counts[verb]} {verb}" for verb in _VERBS.values() if counts[verb]]
    if not told:
        return "nothing in AWS changes"
    first = told[0].partition(" ")
    return ", ".join([f"{first[0]} resource{'s' if first[0] != '1' else ''} {first[2]}", *told[1:]])


def _endpoint(step: Step) -> Iterator[str]:
    match step.operation:
        case "replace":
            yield f"endpoint deleted, then made again ({_why(step)}): no answers in between"
        case "update" if step.changed("endpoint_config_name"):
            assert step.after is not None
            yield f"new configuration, {_way(step.after.props.get('deployment_config'))}, no downtime"
        case "update" if step.changed("deployment_config"):
            yield "how it is updated changes, from the next update on"
        case "create":
            yield "endpoint added"
        case "delete":
            yield "endpoint deleted: callers get errors"


def _why(step: Step) -> str:
    if step.because == "region":
        return "nothing moves between regions"
    if step.before and step.after and step.before.options.trigger != step.after.options.trigger:
        return "AWS changes no endpoint from serverless to instances or back"
    return f"{step.because} changes"


def _way(config: Value) -> str:
    """Name the way of an update as its author does."""
    match config:
        case {"rolling_update_policy": {"maximum_batch_size": {"value": value}}}:
            return f"rolling in batches of {value} %"
        case {"blue_green_update_policy": {"traffic_routing_configuration": {"type": "CANARY", "canary_size": size}}}:
            return f"canary of {_percent(size)} first"
        case {
            "blue_green_update_policy": {"traffic_routing_configuration": {"type": "LINEAR", "linear_step_size": size}}
        }:
            return f"linear in steps of {_percent(size)}"
        case None:
            return "all at once to a new fleet, which no alarm watches"
        case _:
            return "all at once to a new fleet"


def _percent(size: Value) -> str:
    return f"{size['value']} %" if isinstance(size, Mapping) else "a part"


def _target(step: Step) -> Iterator[str]:
    match step.operation:
        case "replace" if step.because == "lock":
            yield "scaling deregistered before the update and registered again after it"
        case "replace":
            yield "scaling registered anew"
        case "create":
            yield "scaling added"
        case "delete":
            yield "scaling removed"
        case "update":
            assert step.after is not None
            props = step.after.props
            yield f"scales between {props.get('min_capacity')} and {props.get('max_capacity')}"


_NEXT_RUN: Final = "the next run uses it; a run in progress ends as it began"


def _pipeline(step: Step) -> Iterator[str]:
    match step.operation:
        case "update":
            yield _NEXT_RUN
        case "create":
            yield "pipeline added"
        case "delete":
            yield "pipeline deleted, with the record of its runs"
        case "replace" | "renew":
            yield "pipeline replaced, with the record of its runs"


def _schedule(step: Step) -> Iterator[str]:
    when = step.resource.props.get("schedule_expression")
    match step.operation:
        case "create":
            yield f"runs by itself: {when}"
        case "update" if step.changed("schedule_expression"):
            yield f"runs at {when} from now on"
        case "delete":
            yield "no longer runs by itself"


def _notebook(step: Step) -> Iterator[str]:
    match step.operation:
        case "update" if any(step.changed(name) for name in _NEEDS_STOP):
            yield "notebook stopped, changed and started: running kernels end, its files stay"
        case "replace":
            yield "notebook made anew: the files on its volume are lost"
        case "create":
            yield "notebook added"
        case "delete":
            yield "notebook deleted, with the files on its volume"


# AWS: UpdateNotebookInstance takes these of a stopped notebook only.
_NEEDS_STOP: Final = (
    "instance_type",
    "volume_size",
    "lifecycle_config_name",
    "root_access",
    "additional_code_repositories",
    "default_code_repository",
    "instance_metadata_service_configuration",
)


def _service(step: Step) -> Iterator[str]:
    match step.operation:
        case "update" if step.changed("task_definition"):
            yield "new tasks come up before old ones go, no downtime"
        case "replace":
            yield (
                "service deleted, then made again: no answers in between" if step.deletes_first else "service replaced"
            )
        case "create":
            yield "service added"
        case "delete":
            yield "service deleted: callers get errors"


def _function(step: Step) -> Iterator[str]:
    match step.operation:
        case "update":
            yield "a new version, to which the alias moves at once, no downtime"
        case "replace":
            yield (
                "function deleted, then made again: no answers in between"
                if step.deletes_first
                else "function replaced"
            )
        case "create":
            yield "function added"
        case "delete":
            yield "function deleted: callers get errors"


def _deployment(step: Step) -> Iterator[str]:
    match step.operation:
        case "update" if _within(step, "spec.template"):
            at_once = bool(step.after) and field(step.resource, "spec")["strategy"]["type"].text == "Recreate"
            if at_once:
                yield "all pods end before new ones start: no answers in between"
            else:
                yield "new pods come up before old ones go, no downtime"
        case "replace":
            yield "deployment deleted, then made again: no answers in between"
        case "create":
            yield "deployment added"
        case "delete":
            yield "deployment deleted: callers get errors"


def _autoscaler(step: Step) -> Iterator[str]:
    match step.operation:
        case "create" | "update" if _within(step, "spec.min_replicas") or _within(step, "spec.max_replicas"):
            spec = field(step.resource, "spec")
            yield f"scales between {spec['min_replicas'].shown} and {spec['max_replicas'].shown}"
        case "delete":
            yield "scaling removed"


def _cron_job(step: Step) -> Iterator[str]:
    schedule = field(step.resource, "spec")["schedule"].shown
    match step.operation:
        case "update":
            if _within(step, "spec.schedule"):
                yield f"runs at {schedule} from now on"
            if _within(step, "spec.job_template"):
                yield _NEXT_RUN
        case "replace":
            yield "job deleted, then made again: a run under way ends"
        case "delete":
            yield "no longer runs by itself"


def _state_machine(step: Step) -> Iterator[str]:
    if step.operation == "update":
        yield _NEXT_RUN


def _within(step: Step, path: str) -> bool:
    """Say whether something changes at a path of properties, below it, or above it."""
    return any(f"{one.path}.".startswith(f"{path}.") or f"{path}.".startswith(f"{one.path}.") for one in step.changes)


# What people mean when they ask what happens to a workload. Other resources are counted.
TELLERS: Final[Mapping[str, Teller]] = {
    "aws.sagemaker.Endpoint": _endpoint,
    "aws.appautoscaling.Target": _target,
    "aws.sagemaker.Pipeline": _pipeline,
    "aws.scheduler.Schedule": _schedule,
    "aws.sagemaker.NotebookInstance": _notebook,
    "aws.ecs.Service": _service,
    "aws.lambda_.Function": _function,
    "aws.sfn.StateMachine": _state_machine,
    "kubernetes.apps.v1.Deployment": _deployment,
    "kubernetes.autoscaling.v2.HorizontalPodAutoscaler": _autoscaler,
    "kubernetes.batch.v1.CronJob": _cron_job,
}


def step_words(step: Step) -> str:
    """Tell one step: `endpoint configuration "fraud-scorer-config" renewed (production_variants)`."""
    told = f"{type_words(step.resource.type)} {step.resource.name} {_VERBS.get(step.operation, step.operation)}"
    if step.renamed_from:
        told += f", formerly {step.renamed_from}"
    if step.deletes_first:
        told += ", the old one deleted first"
    why = step.because or ", ".join(dict.fromkeys(change.name for change in step.changes))
    return f"{told} ({why})" if why else told
