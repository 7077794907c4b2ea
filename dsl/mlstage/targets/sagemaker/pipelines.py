"""SageMaker Pipelines: how a job that AWS runs once becomes something that can be run again and on a schedule.

A training or transform job is one-shot: a second apply of the same job conflicts with the first. A pipeline holds the
job's definition, is updated in place, and is started by EventBridge Scheduler or by hand
(`aws sagemaker start-pipeline-execution`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mlstage.graph import JsonDocument, Ref, Resource, Value
from mlstage.targets import iam
from mlstage.targets.alarms import Limit, Metric, alarm
from mlstage.targets.events import failures_told
from mlstage.targets.place import Place
from mlstage.targets.schedules import schedule_of

_PIPELINE_NAME_LIMIT: Final = 256  # botocore: PipelineName
METRICS: Final = "AWS/Sagemaker/ModelBuildingPipeline"  # AWS's own spelling

# What AWS itself lets down, and another try may get: an author's own error is none of them.
_OF_THE_SERVICE: Final = ("Step.SERVICE_FAULT", "Step.THROTTLING")
_OF_THE_JOB: Final = ("SageMaker.JOB_INTERNAL_ERROR", "SageMaker.CAPACITY_ERROR", "SageMaker.RESOURCE_LIMIT")


@dataclass(frozen=True, slots=True)
class Runs:
    """When a pipeline runs, and who is told when it has failed for good."""

    schedule: str | None
    on_failure: str | None


def job_stream(step: str) -> str:
    """Name, as a pattern, the jobs that Pipelines starts for a step: it names them `pipelines-<execution>-<step>-…`."""
    return f"pipelines-*-{step}-*"


def step(name: str, kind: str, arguments: Mapping[str, Value], retries: int) -> dict[str, Value]:
    """Write one step, tried again when AWS lets it down: after a minute, then twice as long each time."""
    written: dict[str, Value] = {"Name": name, "Type": kind, "Arguments": dict(arguments)}
    if retries:
        often: dict[str, Value] = {"IntervalSeconds": 60, "BackoffRate": 2.0, "MaxAttempts": retries}
        written["RetryPolicies"] = tuple({"ExceptionType": kinds, **often} for kinds in (_OF_THE_SERVICE, _OF_THE_JOB))
    return written


def pipeline(
    place: Place,
    workload: str,
    kept: str,
    steps: Sequence[Value],
    statements: Iterable[iam.Statement],
    runs: Runs,
) -> tuple[Resource, ...]:
    """Make a pipeline of steps, under a role that may do what the steps need, with its schedule and its alarms."""
    role = iam.role(
        place,
        workload,
        "pipeline-role",
        "sagemaker",
        statements,
        f"Runs the pipeline of {place.environment}/{workload}",
    )
    name = place.physical(kept, limit=_PIPELINE_NAME_LIMIT)
    definition: dict[str, Value] = {
        "Version": "2020-12-01",
        "Metadata": {},
        "Parameters": (),
        "PipelineExperimentConfig": None,
        "Steps": tuple(steps),
    }
    resource = Resource(
        place.name(workload, "pipeline"),
        "aws.sagemaker.Pipeline",
        {
            "pipeline_name": name,
            "pipeline_display_name": name,
            "role_arn": role.arn,
            "pipeline_definition": JsonDocument(definition),
        },
        (role.policy.name,),
        workload=workload,
    )
    started = schedule_of(
        place,
        workload,
        "schedule",
        {"arn": Ref(resource.name, "arn")},
        runs.schedule,
        iam.allow("StartPipeline", ["sagemaker:StartPipelineExecution"], [Ref(resource.name, "arn")]),
    )
    told = _telling(place, workload, resource, runs.on_failure) if runs.on_failure else ()
    return (*role.resources, resource, *started, *told, *_alarms(place, workload, resource))


def _telling(place: Place, workload: str, pipeline: Resource, contact: str) -> tuple[Resource, ...]:
    """Tell somebody of each run that failed, retries included."""
    pattern: dict[str, Value] = {
        "source": ("aws.sagemaker",),
        "detail-type": ("SageMaker Model Building Pipeline Execution Status Change",),
        "detail": {"pipelineArn": (Ref(pipeline.name, "arn"),), "currentPipelineExecutionStatus": ("Failed",)},
    }
    return failures_told(place, workload, pattern, contact)


def _alarms(place: Place, workload: str, pipeline: Resource) -> Iterator[Resource]:
    if place.watch is not None:
        failed = Metric(METRICS, "ExecutionFailed", "Sum", {"PipelineName": Ref(pipeline.name, "pipeline_name")})
        what = f"A run of {place.environment}/{workload} failed"
        yield alarm(place, workload, "run-failed", what, failed, Limit(1, period=300, periods=1, reached=True))


def run_jobs(place: Place, kind: str, step: str, job_role: iam.Role) -> Iterable[iam.Statement]:
    """Allow a pipeline to start, watch and stop the jobs of one step (`kind`: Training, …), and no others."""
    resource = f"{kind.lower()}-job/{job_stream(step)}"
    actions = [f"sagemaker:{verb}{kind}Job" for verb in ("Create", "Describe", "Stop")]
    yield iam.allow("RunJobs", [*actions, "sagemaker:AddTags"], [place.arn("sagemaker", resource)])
    yield pass_role(job_role)


def pass_role(passed: iam.Role) -> iam.Statement:
    """Allow to hand one role to SageMaker, and to nobody else."""
    condition: dict[str, Value] = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    return iam.allow("PassJobRole", ["iam:PassRole"], [passed.arn], condition)


def job_tags(place: Place, workload: str) -> tuple[Value, ...]:
    """Tag the jobs themselves, which the pipeline makes and no pass sees."""
    tags = {"environment": place.environment, "stack": place.stack, "workload": workload}
    if place.billed_to:
        tags["budget"] = place.billed_to
    return tuple({"Key": f"mlstage:{key}", "Value": value} for key, value in tags.items())
