"""What SageMaker publishes about endpoints, and of which kinds: the ground of scaling, alarms and dashboards.

https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html, async-inference-monitor.html and
serverless-endpoints-monitoring.html (read 2026-11): the lists of the last two are exhaustive.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from mlstage.catalog.instances import Instance
from mlstage.diagnostics import Diagnostic
from mlstage.graph import Value
from mlstage.spec.base import Node
from mlstage.spec.scaling import (
    BacklogPerInstance,
    ConcurrentRequests,
    CpuUtilization,
    GpuUtilization,
    InvocationsPerInstance,
    MemoryUtilization,
    ProvisionedConcurrencyUtilization,
)
from mlstage.spec.scaling import Metric as Asked
from mlstage.targets.alarms import Metric
from mlstage.targets.base import Blame

Kind: TypeAlias = Literal["real-time", "asynchronous", "serverless"]
REQUESTS: Final = "AWS/SageMaker"
MACHINES: Final = "/aws/sagemaker/Endpoints"


@dataclass(frozen=True, slots=True)
class _Published:
    """One metric: who publishes it, Application Auto Scaling's own name for it if it has one."""

    kinds: tuple[Kind, ...]
    namespace: str
    name: str
    statistic: str
    predefined: str = ""
    per_variant: bool = True


_INSTANCES: Final[tuple[Kind, ...]] = ("real-time", "asynchronous")
_PUBLISHED: Final[dict[type[Node], _Published]] = {
    InvocationsPerInstance: _Published(
        ("real-time",), REQUESTS, "InvocationsPerInstance", "Sum", "SageMakerVariantInvocationsPerInstance"
    ),
    # Every 10 seconds, where the others come once a minute.
    ConcurrentRequests: _Published(
        ("real-time",),
        REQUESTS,
        "ConcurrentRequestsPerModel",
        "Maximum",
        "SageMakerVariantConcurrentRequestsPerModelHighResolution",
    ),
    CpuUtilization: _Published(_INSTANCES, MACHINES, "CPUUtilization", "Average"),
    GpuUtilization: _Published(_INSTANCES, MACHINES, "GPUUtilization", "Average"),
    MemoryUtilization: _Published(_INSTANCES, MACHINES, "MemoryUtilization", "Average"),
    BacklogPerInstance: _Published(
        ("asynchronous",), REQUESTS, "ApproximateBacklogSizePerInstance", "Average", per_variant=False
    ),
    ProvisionedConcurrencyUtilization: _Published(
        ("serverless",),
        REQUESTS,
        "ServerlessProvisionedConcurrencyUtilization",
        "Maximum",
        "SageMakerVariantProvisionedConcurrencyUtilization",
    ),
}
_RIGHT: Final[dict[Kind, str]] = {
    "real-time": "InvocationsPerInstance(600)",
    "asynchronous": "BacklogPerInstance(5)",
    "serverless": "ProvisionedConcurrencyUtilization(70)",
}


def check_metric(blame: Blame, path: str, asked: Asked, kind: Kind, facts: Instance | None) -> Iterator[Diagnostic]:
    """Refuse a metric that AWS does not publish for such an endpoint, with the one that it does."""
    name = type(asked).__name__
    if kind not in _PUBLISHED[type(asked)].kinds:
        what = (
            f"AWS publishes no {_PUBLISHED[type(asked)].name} of {kind} endpoints, so {name} would never move anything"
        )
        yield blame("AWS133", path, what, _RIGHT[kind])
    elif isinstance(asked, GpuUtilization) and facts and _gpus(facts) == 0:
        what = f"{facts.name} has no GPU, so {name} would never move anything"
        yield blame("AWS133", path, what, f"CpuUtilization({asked.value:g}) or {_RIGHT[kind]}")


def predefined(asked: Asked) -> str:
    """Give Application Auto Scaling's own name of a metric; empty if it has none."""
    return _PUBLISHED[type(asked)].predefined


def metric_of(asked: Asked, endpoint: Value, variant: str) -> Metric:
    """Give the CloudWatch metric that an author's metric stands for."""
    published = _PUBLISHED[type(asked)]
    dimensions: dict[str, Value] = {"EndpointName": endpoint}
    if published.per_variant:
        dimensions["VariantName"] = variant
    return Metric(published.namespace, published.name, published.statistic, dimensions)


def in_aws_units(asked: Asked, facts: Instance | None) -> float:
    """Say an author's value as the metric counts: CPU and GPU are sums over the vCPUs and GPUs of a machine."""
    value = asked.value
    match asked:
        case CpuUtilization():
            return value * (facts.vcpu if facts else 1)
        case GpuUtilization():
            return value * max(1, _gpus(facts) if facts else 1)
        case ProvisionedConcurrencyUtilization():
            return value / 100
        case _:
            return value


def _gpus(facts: Instance) -> int:
    return facts.accelerator.count if facts.accelerator and facts.accelerator.kind == "nvidia" else 0


def gpus_of(facts: Instance | None) -> int:
    """Say how many NVIDIA GPUs a machine has."""
    return _gpus(facts) if facts else 0
