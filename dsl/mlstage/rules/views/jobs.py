"""SageMaker's jobs, whatever starts them: a pipeline, a state machine, a schedule, or the program itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

from mlstage.graph import Graph, Resource
from mlstage.rules.truth import Field, field
from mlstage.rules.views import pipelines
from mlstage.rules.views.documents import document
from mlstage.rules.views.links import follow
from mlstage.rules.views.pipelines import PIPELINE, Job
from mlstage.rules.views.states import STATE_MACHINE, is_read, states

SCHEDULE: Final = "aws.scheduler.Schedule"
TRAINING_JOB: Final = "aws.sagemaker.TrainingJob"
TUNING_JOB: Final = "aws.sagemaker.HyperParameterTuningJob"
STARTERS: Final = (PIPELINE, SCHEDULE, STATE_MACHINE, TRAINING_JOB, TUNING_JOB)

# The calls of SageMaker's API that start a job. What each is given, a pipeline's step of the kind is given too.
JOB_CALLS: Final[Mapping[str, str]] = {
    "sagemaker:createhyperparametertuningjob": "Tuning",
    "sagemaker:createprocessingjob": "Processing",
    "sagemaker:createtrainingjob": "Training",
    "sagemaker:createtransformjob": "Transform",
}
_UNIVERSAL: Final = re.compile(r"arn:aws[\w-]*:scheduler:::aws-sdk:(\w+:\w+)", re.IGNORECASE)
_ROLE: Final = "aws.iam.Role"
_BY_SAGEMAKER: Final = "sagemaker.amazonaws.com"


def jobs(resource: Resource) -> Iterator[Job]:
    """Yield the jobs that a resource of one of the `STARTERS` types starts.

    A pipeline or a call of SageMaker's that cannot be read yields one job of which nothing is known; a state machine
    that cannot be read may be about anything, and yields none: `jobs_of` knows more.
    """
    match resource.type:
        case "aws.sagemaker.Pipeline":
            yield from pipelines.jobs(resource)
        case "aws.sfn.StateMachine":
            for state in states(resource):
                if kind := JOB_CALLS.get(state.call):
                    yield Job(kind, state.name, state.arguments, words=f"state {state.name!r}")
        case "aws.sagemaker.TrainingJob":
            yield Job("Training", resource.name, Field(resource, "", resource.props), spelt=_as_property)
        case "aws.sagemaker.HyperParameterTuningJob":
            if resource.props.get("training_job_definition") is not None:
                yield Job("Tuning", resource.name, Field(resource, "", resource.props), spelt=_as_property)
            for one in field(resource, "training_job_definitions").items():
                words = f"definition {one['definition_name'].text!r}" if one["definition_name"].text else ""
                yield Job("Training", resource.name, one, words=words, spelt=_as_property)
        case "aws.scheduler.Schedule":
            call = called(resource)
            if kind := JOB_CALLS.get(call or ""):
                yield Job(kind, resource.name, requested(resource), words="the job")


def jobs_of(graph: Graph) -> Iterator[Job]:
    """Yield all jobs that a graph starts, those included that are hidden in definitions which nobody knows yet."""
    for resource in graph.of(*STARTERS):
        yield from jobs(resource)
    yield from hidden_jobs(graph)


def hidden_jobs(graph: Graph) -> Iterator[Job]:
    """Yield one unknown job for each state machine that hands a role of SageMaker's to what it calls.

    In a preview, a definition with a reference in it is not known, but what it refers to is: a role that SageMaker
    assumes is what it is given to run a job.
    """
    for machine in graph.of(STATE_MACHINE):
        at = field(machine, "definition")
        if is_read(machine):
            continue
        roles = follow(graph, at, _ROLE).resources
        if any(_is_assumed_by_sagemaker(role) for role in roles):
            yield Job("Training", "", at)


def called(schedule: Resource) -> str | None:
    """Give the service and action, in small letters, of the API that a schedule calls; None where it calls none."""
    found = _UNIVERSAL.fullmatch(field(schedule, "target")["arn"].text or "")
    return found[1].lower() if found else None


def requested(schedule: Resource) -> Field:
    """Give what a schedule hands to what it starts."""
    return document(field(schedule, "target")["input"])


@cache
def _as_property(argument: str) -> str:
    """Give what Pulumi calls an argument of the API: `volume_kms_key_id` for `VolumeKmsKeyId`."""
    name = "Config" if argument == "HyperParameterTuningJobConfig" else argument
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _is_assumed_by_sagemaker(role: Resource) -> bool:
    policy = document(field(role, "assume_role_policy"))
    services = (each["Principal"]["Service"] for each in policy["Statement"].items())
    return any(one.text == _BY_SAGEMAKER for service in services for one in service.items())
