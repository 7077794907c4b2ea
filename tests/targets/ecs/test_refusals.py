"""What ECS cannot do is refused with the value to blame; what it does otherwise is said."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstage import (
    AsyncEndpoint,
    Autoscale,
    BatchInference,
    Canary,
    CpuUtilization,
    DataCapture,
    Ecs,
    GpuUtilization,
    InvocationsPerInstance,
    Linear,
    Model,
    Network,
    Processing,
    RealtimeEndpoint,
    Rolling,
    ScheduledAction,
    Stage,
    Training,
)
from mlstage.catalog.limits import fargate_sizes
from mlstage.diagnostics import Severity, render
from mlstage.spec.workloads import AnyWorkload
from tests.targets.support import ECR, graph, inside, only, problems, refusals

SMALL = Ecs(cpu=2, memory="8GB")
PLAIN = Model(image=f"{ECR}/fraud:1.7")


def scorer(on: Ecs = SMALL, model: Model = PLAIN, **fields: object) -> RealtimeEndpoint:
    return RealtimeEndpoint(name="scorer", model=model, on=on, **fields)  # type: ignore[arg-type]


def nightly(on: Ecs = SMALL, **fields: object) -> BatchInference:
    places = {"input": "s3://acme-data/in/", "output": "s3://acme-data/out/"}
    return BatchInference(name="nightly", model=PLAIN, on=on, **places, **fields)  # type: ignore[arg-type]


def training(on: Ecs = SMALL, **fields: object) -> Training:
    places = {"inputs": {"train": "s3://acme-data/in/"}, "output": "s3://acme-data/out/"}
    return Training(name="training", image=f"{ECR}/fraud:1.7", on=on, **places, **fields)  # type: ignore[arg-type]


def worker(on: Ecs = SMALL, **fields: object) -> AsyncEndpoint:
    return AsyncEndpoint(name="worker", model=PLAIN, on=on, output="s3://acme-data/out/", **fields)  # type: ignore[arg-type]


REFUSED: dict[str, tuple[AnyWorkload, str, str]] = {
    "more than Fargate has": (scorer(Ecs(cpu=32, memory="200GB")), "AWS220", "on.memory"),
    "no image for arm64 with GPUs": (
        scorer(Ecs(instance="g5g.xlarge"), Model(image=f"{ECR}/fraud:1", architecture="arm64")),
        "AWS222",
        "on.instance",
    ),
    "disk beyond Fargate's": (scorer(Ecs(cpu=2, memory="8GB", storage="500GB")), "AWS223", "on.storage"),
    "command of what serves": (scorer(Ecs(cpu=2, memory="8GB", command=["serve"])), "AWS224", "on.command"),
    "more tasks than a run can tell of": (nightly(replicas=2501), "AWS231", "replicas"),
    "port of a job": (nightly(Ecs(cpu=2, memory="8GB", port=9000)), "AWS224", "on.port"),
    "health check of a worker": (worker(Ecs(cpu=2, memory="8GB", health="/up")), "AWS224", "on.health"),
    "a command to ask what a load balancer asks": (
        scorer(Ecs(cpu=2, memory="8GB", health_command="true")),
        "AWS224",
        "on.health_command",
    ),
    "a command to ask a job": (nightly(Ecs(cpu=2, memory="8GB", health_command="true")), "AWS224", "on.health_command"),
    "SageMaker's name of a machine": (scorer(Ecs(instance="ml.g5.xlarge")), "AWS226", "on.instance"),
    "no such machine": (scorer(Ecs(instance="g5.xlrage")), "AWS226", "on.instance"),
    "a fallback without the accelerator": (
        scorer(Ecs(instance="g5.xlarge", fallbacks=["m5.xlarge"])),
        "AWS226",
        "on.fallbacks",
    ),
    "a fallback of another architecture": (
        scorer(Ecs(instance="m6i.xlarge", fallbacks=["m6g.xlarge"])),
        "AWS226",
        "on.fallbacks",
    ),
    "a service at 0": (
        scorer(replicas=Autoscale(min=0, max=4, target=CpuUtilization(60))),
        "AWS228",
        "replicas.min",
    ),
    "a canary that counts requests by target": (
        scorer(update=Canary(percent=10), replicas=Autoscale(min=2, max=4, target=InvocationsPerInstance(60))),
        "AWS229",
        "update",
    ),
    "watched for longer than a day": (
        scorer(update=Linear(watched_for="30h"), replicas=2),
        "AWS229",
        "update.watched_for",
    ),
    "a time to watch": (scorer(update=Rolling(watched_for="30m"), replicas=2), "AWS229", "update.watched_for"),
    "machines that train together": (training(replicas=4), "AWS230", "replicas"),
    "a metric that ECS has not": (
        scorer(replicas=Autoscale(min=1, max=4, target=GpuUtilization(60))),
        "AWS215",
        "replicas.target",
    ),
    "an Autoscale that follows nothing": (
        scorer(replicas=Autoscale(min=1, max=4, schedule=[ScheduledAction("cron(0 20 * * ? *)", min=1, max=2)])),
        "AWS215",
        "replicas",
    ),
    "captured requests": (scorer(capture=DataCapture(to="s3://acme-data/c/")), "AWS201", "capture"),
    "GPU image on Fargate": (
        scorer(model=Model(image=f"{ECR}/bert:2.3-gpu-py311-cu124")),
        "AWS206",
        "model.image",
    ),
    "GPU image on a machine without": (
        scorer(Ecs(instance="m5.xlarge"), Model(image=f"{ECR}/bert:2.3-gpu-py311-cu124")),
        "AWS206",
        "model.image",
    ),
    "compiled for Neuron on Fargate": (
        scorer(model=Model(image=f"{ECR}/bert:1", compiled_for="inf2")),
        "AWS206",
        "model.compiled_for",
    ),
    "two commands": (
        Processing(
            name="features",
            image=f"{ECR}/features:1",
            command=["run"],
            on=Ecs(cpu=1, memory="2GB", command=["run"]),
        ),
        "AWS224",
        "on.command",
    ),
}


@pytest.mark.parametrize(("workload", "code", "field"), REFUSED.values(), ids=list(REFUSED))
def test_what_ecs_cannot_do_is_refused_where_it_is_written(workload: AnyWorkload, code: str, field: str) -> None:
    assert refusals(workload) == [(code, field)]


def test_what_a_reader_is_told(golden: Callable[[str, str], None]) -> None:
    told = []
    for name, (workload, _, _) in REFUSED.items():
        found = [one for one in problems(workload) if one.severity is Severity.ERROR]
        said = "\n".join(line.partition(": error ")[2] or line for line in render(found).splitlines())
        told.append(f"{name}:\n{said}\n")
    golden("golden/refusals.txt", "\n".join(told))


def test_a_load_balancer_stands_in_two_zones() -> None:
    network = Network(vpc="vpc-0a1b2c3d", subnets=["subnet-0a1b2c3d"], security_groups=["sg-0a1b2c3d"])
    stage = Stage(tier="production", network=network)
    assert refusals(scorer(), stage=stage) == [("AWS225", "on")]
    assert refusals(nightly(), stage=stage) == []


def test_the_internet_reads_along_without_a_certificate() -> None:
    open_to_all = Ecs(cpu=2, memory="8GB", exposed="internet")
    found = {(one.code, one.field, one.severity) for one in problems(scorer(open_to_all, replicas=2))}
    assert ("AWS225", "on.exposed", Severity.WARNING) in found


LEGAL = {(size.cpu, size.memory_mib) for size in fargate_sizes()}


@given(cpu=st.floats(0.1, 16), memory=st.integers(100, 120 * 1024))
def test_a_task_is_rounded_up_to_a_legal_pair_and_it_is_said(cpu: float, memory: int) -> None:
    job = nightly(Ecs(cpu=cpu, memory=f"{memory}MB"))
    if refusals(job):
        assert refusals(job) == [("AWS220", "on.memory")]
        assert not [pair for pair in LEGAL if pair[0] >= cpu * 1024 and pair[1] >= memory]
        return
    task = only(graph(job), "aws.ecs.TaskDefinition").props
    pair = (int(str(task["cpu"])), int(str(task["memory"])))
    assert pair in LEGAL
    assert pair[0] >= cpu * 1024 and pair[1] >= memory
    smaller = [one for one in LEGAL if one[0] >= cpu * 1024 and one[1] >= memory]
    assert pair == min(smaller)
    told = [one.code for one in problems(job) if one.code == "AWS221"]
    assert bool(told) == (pair != (cpu * 1024, memory))


def test_a_size_that_is_legal_is_taken_as_it_is() -> None:
    task = only(graph(nightly()), "aws.ecs.TaskDefinition")
    assert (task.props["cpu"], task.props["memory"]) == ("2048", "8192")
    assert inside(task.props["container_definitions"], 0, "name") == "nightly"


def test_a_job_of_more_tasks_than_run_at_once_is_told_so() -> None:
    told = {count: [one.code for one in problems(nightly(replicas=count))] for count in (40, 41, 2500)}
    assert told == {40: [], 41: ["AWS231"], 2500: ["AWS231"]}
