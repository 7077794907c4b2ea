"""Workloads on EKS that several tests look at."""

from __future__ import annotations

from collections.abc import Mapping

from mlstage import (
    Autoscale,
    BatchInference,
    CpuUtilization,
    Eks,
    Model,
    Processing,
    RealtimeEndpoint,
    Spot,
    Training,
    Volume,
)
from mlstage.graph import Resource, Value
from tests.targets.support import ECR, inside

SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:fraud/token-AbCdEf"
PARAMETER = "arn:aws:ssm:us-east-1:123456789012:parameter/fraud/limit"
MODEL = Model(image=f"{ECR}/fraud:1", artifact="s3://acme-models/fraud/model.tar.gz", size="1GB")
SMALL = Eks(cpu=2, memory="4GB")
GPU = Eks(instance="g5.xlarge", fallbacks=["g5.2xlarge"])


def scorer(on: Eks = SMALL, model: Model = MODEL, **fields: object) -> RealtimeEndpoint:
    return RealtimeEndpoint(**{"name": "scorer", "model": model, "on": on, **fields})  # type: ignore[arg-type]


def scaled(on: Eks = SMALL, low: int = 2) -> RealtimeEndpoint:
    return scorer(on, replicas=Autoscale(min=low, max=6, target=CpuUtilization(60)))


def training(on: Eks = SMALL, **fields: object) -> Training:
    told: dict[str, object] = {"inputs": {"train": "s3://acme-data/train/"}, "output": "s3://acme-models/fraud/"}
    return Training(**{"name": "nightly", "image": f"{ECR}/train:1", "on": on, **told, **fields})  # type: ignore[arg-type]


def on_spot(on: Eks = GPU) -> Training:
    return training(on, purchase=Spot(checkpoint="s3://acme-checkpoints/fraud/"), retries=4, max_runtime="2h")


def on_volume(on: Eks = GPU, **fields: object) -> Training:
    return training(on, purchase=Spot(checkpoint=Volume("100GB")), **fields)


def batch(on: Eks = SMALL, **fields: object) -> BatchInference:
    told: dict[str, object] = {"input": "s3://acme-data/in/", "output": "s3://acme-data/out/"}
    return BatchInference(**{"name": "rescore", "model": MODEL, "on": on, **told, **fields})  # type: ignore[arg-type]


def processing(on: Eks = SMALL, **fields: object) -> Processing:
    told: dict[str, object] = {"inputs": {"raw": "s3://acme-data/raw/"}, "outputs": {"clean": "s3://acme-data/clean/"}}
    return Processing(**{"name": "clean", "image": f"{ECR}/clean:1", "on": on, **told, **fields})  # type: ignore[arg-type]


def pod(resource: Resource) -> Value:
    """Give the pod's specification inside a Deployment or a CronJob."""
    spec = resource.props["spec"]
    return (
        inside(spec, "template", "spec") if "Deployment" in resource.type else inside(job(resource), "template", "spec")
    )


def job(resource: Resource) -> Value:
    """Give the specification of the jobs that a CronJob starts."""
    return inside(resource.props["spec"], "job_template", "spec")


def items(value: Value, *path: str | int) -> tuple[Mapping[str, Value], ...]:
    """Give the objects of a list inside a value."""
    listed = inside(value, *path)
    assert isinstance(listed, tuple)
    return tuple(one for one in listed if isinstance(one, Mapping))


def keys(value: Value, *path: str | int) -> set[str]:
    """Give the keys of a mapping inside a value."""
    found = inside(value, *path)
    assert isinstance(found, Mapping)
    return {*found}
