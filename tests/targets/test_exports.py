"""How a job is started: the command that the stack itself tells, for every target."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping

import pytest

from mlstage import Batch, BatchInference, Ecs, Eks, Lambda, Model, Processing, SageMaker
from mlstage.graph import Join, Value
from mlstage.spec.targets import Target
from mlstage.targets.base import Yes
from mlstage.targets.lowering import TARGETS
from tests.targets.support import ECR, graph

MODEL = Model(image=f"{ECR}/fraud:1.7", size="1GB", architecture="x86_64")
ON: Mapping[str, Target] = {
    "sagemaker": SageMaker(instance="ml.m5.large"),
    "ecs": Ecs(cpu=2, memory="4GB"),
    "eks": Eks(cpu=2, memory="4GB"),
    "lambda": Lambda(memory="4GB"),
    "batch": Batch(cpu=2, memory="4GB"),
}
STARTS = {
    "sagemaker": "aws sagemaker start-pipeline-execution --pipeline-name <fraud-rescore-pipeline.pipeline_name>"
    " --region us-east-1",
    "ecs": "aws stepfunctions start-execution --state-machine-arn <fraud-rescore-job.arn> --region us-east-1",
    "eks": "kubectl create job rescore-$(date +%s) --from=cronjob/rescore --namespace fraud-prod",
    "lambda": "aws lambda invoke --invocation-type Event --function-name <fraud-rescore-alias.arn> --region us-east-1"
    """ --cli-binary-format raw-in-base64-out --payload '{"shard": 0, "shards": 1}' /dev/null""",
    "batch": "aws batch submit-job --job-name <fraud-rescore-job.name> --job-queue <fraud-rescore-queue.name>"
    " --job-definition <fraud-rescore-job.name> --region us-east-1",
}


def test_every_target_that_runs_jobs_is_asked() -> None:
    assert {target.name.lower() for target in TARGETS if isinstance(target.can.BatchInference, Yes)} == {*STARTS}


def rescore(on: Target, **fields: object) -> BatchInference:
    told: dict[str, object] = {"input": "s3://acme-data/in/", "output": "s3://acme-data/out/", "model": MODEL}
    return BatchInference(**{"name": "rescore", "on": on, **told, **fields})  # type: ignore[arg-type]


def text(value: Value) -> str:
    """Write a command with the places in it where something is known only once it exists."""
    parts = value.parts if isinstance(value, Join) else (value,)
    return "".join(one if isinstance(one, str) else f"<{one.resource}.{one.attribute}>" for one in parts)  # type: ignore[union-attr]


@pytest.mark.parametrize("target", ON)
@pytest.mark.parametrize("schedule", [None, "cron(0 3 * * ? *)"])
def test_a_stack_says_how_a_job_is_started(target: str, schedule: str | None) -> None:
    assert text(graph(rescore(ON[target], schedule=schedule)).exports["fraud/rescore/start"]) == STARTS[target]


def test_parts_of_an_array_job_are_submitted_together() -> None:
    command = text(graph(rescore(ON["batch"], replicas=4)).exports["fraud/rescore/start"])
    assert "--array-properties size=4" in command


def test_a_function_is_called_for_each_of_its_shards_with_what_its_schedule_sends() -> None:
    found = graph(rescore(ON["lambda"], replicas=3, schedule="cron(0 3 * * ? *)"))
    command = text(found.exports["fraud/rescore/start"])
    assert command.startswith("for shard in $(seq 0 2); do aws lambda invoke ")
    assert command.endswith("; done")
    words = shlex.split(command)
    sent = json.loads(words[words.index("--payload") + 1].replace("$shard", "2"))
    schedule = found.by_name["fraud-rescore-schedule-3"].props["target"]
    assert isinstance(schedule, Mapping)
    assert sent == json.loads(str(schedule["input"]))


def test_a_cluster_says_how_one_gets_there() -> None:
    there = Processing(name="clean", image=f"{ECR}/clean:1", on=Eks(cluster="ml-platform", cpu=2, memory="4GB"))
    exports = graph(rescore(ON["eks"]), there).exports
    assert exports["fraud/eks-cluster/login"] == "aws eks update-kubeconfig --name fraud-prod --region us-east-1"
    assert (
        exports["fraud/ml-platform-eks-cluster/login"]
        == "aws eks update-kubeconfig --name ml-platform --region us-east-1"
    )


def test_a_job_is_named_in_a_shell_as_kubernetes_allows() -> None:
    name = "a-workload-of-sixty-characters-which-is-very-nearly-the-most"
    command = text(graph(rescore(ON["eks"], name=name)).exports[f"fraud/{name}/start"])
    job = command.split()[3].replace("$(date +%s)", "1764057600")
    assert len(job) <= 63, "Kubernetes: the name of a Job is a label of its pods"
