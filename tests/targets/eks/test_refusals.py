"""What EKS cannot do is refused with the value to blame and the line to write."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mlstage import (
    AsyncEndpoint,
    Autoscale,
    BacklogPerInstance,
    Canary,
    CpuUtilization,
    Eks,
    GpuUtilization,
    Model,
    Network,
    Notebook,
    ScheduledAction,
    Spot,
    Stage,
    Volume,
)
from mlstage.diagnostics import Severity
from mlstage.spec.workloads import AnyWorkload
from tests.targets.eks.workloads import GPU, MODEL, SMALL, batch, processing, scorer, training
from tests.targets.support import ECR, problems, refusals

NEURON = Eks(instance="inf2.xlarge")
THERE = {"cluster": "ml-platform", "cpu": 2, "memory": "4GB"}
BY_CPU = CpuUtilization(60)
NIGHT = ScheduledAction("cron(0 20 ? * MON-FRI *)", min=1, max=2)

REFUSED: dict[str, tuple[AnyWorkload, str, str]] = {
    "asynchronous": (
        AsyncEndpoint(
            name="later",
            model=MODEL,
            on=SMALL,
            output="s3://acme-data/out/",
            replicas=Autoscale(min=0, max=4, target=BacklogPerInstance(2)),
        ),
        "AWS118",
        "on",
    ),
    "gpu image without a gpu": (scorer(model=Model(image=f"{ECR}/bert:2-gpu-cu124")), "AWS206", "model.image"),
    "gpu image on neuron": (
        scorer(NEURON, Model(image=f"{ECR}/bert:2-gpu-cu124", compiled_for="inf2")),
        "AWS206",
        "model.image",
    ),
    "neuron without a compiled model": (scorer(NEURON), "AWS110", "model.compiled_for"),
    "compiled for neuron on a gpu": (
        scorer(GPU, Model(image=f"{ECR}/bert:2", compiled_for="inf2")),
        "AWS110",
        "model.compiled_for",
    ),
    "SageMaker's name of a machine": (scorer(Eks(instance="ml.g5.xlarge")), "AWS226", "on.instance"),
    "machines that are not alike": (
        scorer(Eks(instance="g5.xlarge", fallbacks=["m6i.xlarge"])),
        "AWS226",
        "on.fallbacks",
    ),
    "bare metal": (scorer(Eks(instance="m6i.metal")), "AWS250", "on.instance"),
    "machine of one vCPU": (scorer(Eks(instance="t2.small")), "AWS250", "on.instance"),
    "disk in a cluster that is there": (scorer(Eks(**THERE, storage="200GB")), "AWS251", "on.storage"),  # type: ignore[arg-type]
    "callers of a cluster that is there": (
        scorer(Eks(**THERE, api_callers=["203.0.113.0/24"])),  # type: ignore[arg-type]
        "AWS251",
        "on.api_callers",
    ),
    "administrators of a cluster that is there": (
        scorer(Eks(**THERE, admins=["arn:aws:iam::123456789012:role/ml-platform"])),  # type: ignore[arg-type]
        "AWS251",
        "on.admins",
    ),
    "pod as big as its machine": (scorer(Eks(instance="g5.xlarge", cpu=4)), "AWS252", "on.cpu"),
    "memory of the whole machine": (scorer(Eks(instance="g5.xlarge", memory="16GB")), "AWS252", "on.memory"),
    "callers without a load balancer": (
        scorer(Eks(cpu=2, memory="4GB", callers=["10.0.0.0/8"])),
        "AWS225",
        "on.callers",
    ),
    "command of an endpoint": (scorer(Eks(cpu=2, memory="4GB", command=["serve"])), "AWS224", "on.command"),
    "port of a job": (training(Eks(cpu=2, memory="4GB", port=9000)), "AWS224", "on.port"),
    "two commands": (
        processing(Eks(cpu=2, memory="4GB", command=["x"]), command=["python"]),
        "AWS224",
        "on.command",
    ),
    "no pod at all": (
        scorer(replicas=Autoscale(min=0, max=4, target=BY_CPU)),
        "AWS228",
        "replicas.min",
    ),
    "scaled by gpu": (
        scorer(GPU, replicas=Autoscale(min=1, max=4, target=GpuUtilization(60))),
        "AWS215",
        "replicas.target",
    ),
    "bounds by the clock": (
        scorer(replicas=Autoscale(min=1, max=4, target=BY_CPU, schedule=[NIGHT])),
        "AWS215",
        "replicas.schedule",
    ),
    "canary": (scorer(update=Canary()), "AWS229", "update"),
    "two machines train one model": (training(replicas=2), "AWS230", "replicas"),
    "somebody to tell of a cluster that is there": (
        training(Eks(**THERE), on_failure="ml@acme.example"),  # type: ignore[arg-type]
        "AWS251",
        "on_failure",
    ),
    "several pods and one volume": (
        batch(replicas=4, purchase=Spot(checkpoint=Volume("20GB"))),
        "AWS247",
        "purchase.checkpoint",
    ),
    "checkpoint of an endpoint": (
        scorer(purchase=Spot(checkpoint="s3://acme-checkpoints/fraud/")),
        "AWS248",
        "purchase.checkpoint",
    ),
    "longer than a node lives": (training(max_runtime="20d"), "AWS244", "max_runtime"),
    "last day of the month": (training(schedule="cron(0 3 L * ? *)"), "AWS245", "schedule"),
    "every five hours": (batch(schedule="rate(5 hours)"), "AWS245", "schedule"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    workload, code, field = REFUSED[case]
    assert refusals(workload) == [(code, field)]


def test_refusals_read_well(golden: Callable[[str, str], None]) -> None:
    said = []
    for case, (workload, _, _) in REFUSED.items():
        found = [one for one in problems(workload) if one.severity is Severity.ERROR]
        said.append(f"# {case}\n" + "".join(f"{one.what}\n  fix: {one.instead}\n" for one in found))
    golden("golden/refusals.txt", "\n".join(said))


def test_a_cluster_needs_two_zones_and_a_public_load_balancer_public_subnets() -> None:
    network = Network(
        vpc="vpc-0a1b2c3d4e5f67890", subnets=["subnet-0a1b2c3d4e5f67890"], security_groups=["sg-0a1b2c3d4e5f67890"]
    )
    stage = Stage(tier="production", network=network)
    assert refusals(scorer(), stage=stage) == [("AWS225", "on")]
    public = Eks(cluster="ml-platform", cpu=2, memory="4GB", exposed="internet")
    assert refusals(scorer(public), stage=stage) == [("AWS225", "on.exposed")]


def test_a_service_on_the_internet_without_tls_is_warned_of() -> None:
    found = problems(scorer(Eks(cpu=2, memory="4GB", exposed="internet")))
    assert ("AWS225", Severity.WARNING, "on.exposed") in [(one.code, one.severity, one.field) for one in found]


def test_a_notebook_never_asks_eks() -> None:
    assert not problems(Notebook(name="explore", instance="ml.t3.medium"))


def test_what_is_said_for_advice_is_no_fault() -> None:
    assert refusals(scorer(p95_latency="80ms")) == []
