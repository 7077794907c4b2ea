"""SageMaker Pipelines: how a job that AWS runs once becomes something that can be run again and on a schedule.

A training or transform job is one-shot: a second apply of the same job conflicts with the first. A pipeline holds the
job's definition, is updated in place, and is started by EventBridge Scheduler or by hand
(`aws sagemaker start-pipeline-execution`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mlstage.graph import JsonDocument, Ref, Resource, Value
from mlstage.targets import iam
from mlstage.targets.place import Place
from mlstage.targets.schedules import schedule_of

_PIPELINE_NAME_LIMIT = 256  # botocore: PipelineName


def job_stream(step: str) -> str:
    """Name, as a pattern, the jobs that Pipelines starts for a step: it names them `pipelines-<execution>-<step>-…`."""
    return f"pipelines-*-{step}-*"


def pipeline(
    place: Place,
    workload: str,
    kept: str,
    steps: Sequence[Value],
    statements: Iterable[iam.Statement],
    schedule: str | None,
) -> tuple[Resource, ...]:
    """Make a pipeline of steps, under a role that may do what the steps need, started by `schedule` if there is one."""
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
        schedule,
        iam.allow("StartPipeline", ["sagemaker:StartPipelineExecution"], [Ref(resource.name, "arn")]),
    )
    return (*role.resources, resource, *started)


def run_jobs(place: Place, kind: str, step: str, job_role: iam.Role) -> Iterable[iam.Statement]:
    """Allow a pipeline to start, watch and stop the jobs of one step (`kind`: Training, Transform), and no others."""
    resource = f"{kind.lower()}-job/{job_stream(step)}"
    actions = [f"sagemaker:{verb}{kind}Job" for verb in ("Create", "Describe", "Stop")]
    yield iam.allow("RunJobs", [*actions, "sagemaker:AddTags"], [place.arn("sagemaker", resource)])
    yield pass_role(job_role)


def pass_role(passed: iam.Role) -> iam.Statement:
    """Allow to hand one role to SageMaker, and to nobody else."""
    condition: dict[str, Value] = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    return iam.allow("PassJobRole", ["iam:PassRole"], [passed.arn], condition)
