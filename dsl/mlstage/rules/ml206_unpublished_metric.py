"""ML206: auto-scaling that follows a metric which is never there."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mlstage.graph import Graph, Ref, Value
from mlstage.rules import examples
from mlstage.rules.examples import jobs as job_examples
from mlstage.rules.levels import Level, Levels
from mlstage.rules.rule import About, stack_rule
from mlstage.rules.truth import NO, Answer, Truth, truth, when
from mlstage.rules.views.followed import Followed, followed
from mlstage.rules.views.machines import has_nvidia


@stack_rule(
    id="ML206",
    name="unpublished-metric",
    title="Auto-scaling on a metric that AWS never publishes for it",
    levels=Levels(test=Level.ADVISORY, production=Level.MANDATORY, other=Level.MANDATORY),
    fix="a metric of its kind: InvocationsPerInstance(…) for real-time, BacklogPerInstance(…) for async endpoints",
    elsewhere="a metric that AWS publishes for it, such as SageMakerVariantInvocationsPerInstance for real-time"
    " endpoints",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-monitor.html",
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-autoscaling-targettracking.html",
    ),
)
def unpublished_metric(graph: Graph, about: About) -> Iterator[Answer]:
    """CloudWatch takes a policy on any metric; without data the alarm stays at "insufficient data" and nothing scales.

    Async endpoints have no invocations per instance, real-time ones no backlog, serverless ones neither; utilisation
    is published in `/aws/sagemaker/Endpoints`, not in `AWS/SageMaker`; a machine without a GPU has no GPU utilisation;
    an ECS service has requests per target only behind a load balancer. A table of such metrics comes with the rule:
    a metric that is not in it, such as one of your own, is taken for published.
    """
    for one in followed(graph):
        known = _published().get(one.metric.name.text or "")
        if known is None:
            yield from when(one.metric.name.satisfies(lambda _: False), one.metric.name, "")
            continue
        name = one.metric.name.shown
        called = about.call(one.resource)
        yield from when(
            _lacks(one, known),
            one.metric.name,
            f"{called} scales on {name}, which AWS does not publish for {one.words}",
            instead=_INSTEAD.get(one.kinds, ""),
        )
        space = one.metric.namespace
        if space is not None and known.namespace:
            yield from when(
                ~_lacks(one, known) & ~space.is_one_of(known.namespace),
                space,
                f"{called} scales on {name} in {space.shown}; AWS publishes it in {known.namespace}",
                instead=f'namespace="{known.namespace}"',
            )


_INSTEAD: Mapping[tuple[str, ...], str] = {
    ("realtime",): "SageMakerVariantInvocationsPerInstance",
    ("async",): "ApproximateBacklogSizePerInstance of AWS/SageMaker",
    ("serverless",): "SageMakerVariantProvisionedConcurrencyUtilization",
    ("service",): "ECSServiceAverageCPUUtilization, or a load balancer before the service",
}


@dataclass(frozen=True, slots=True)
class _Published:
    namespace: str
    kinds: frozenset[str]


@cache
def _published() -> dict[str, _Published]:
    lines = (Path(__file__).parent / "data" / "published_metrics.tsv").read_text(encoding="utf-8").splitlines()
    _, *rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return {metric: _Published(namespace, frozenset(kinds.split())) for metric, namespace, kinds, _ in rows}


def _lacks(one: Followed, known: _Published) -> Truth:
    """Say whether the metric is not one of those that exist for what is scaled."""
    of_gpus = one.metric.name.text in ("GPUUtilization", "GPUMemoryUtilization")
    without_gpu = ~has_nvidia(one.machine) if of_gpus and one.machine is not None else NO
    return truth(known.kinds.isdisjoint(one.kinds)) | without_gpu


_OUTPUT: dict[str, Value] = {"output_config": {"s3_output_path": "s3://acme-ml-data/fraud/answers/"}}


def _measured(metric: str, namespace: str) -> dict[str, Value]:
    dimensions: Value = (
        {"name": "EndpointName", "value": Ref("scorer-endpoint", "name")},
        {"name": "VariantName", "value": "AllTraffic"},
    )
    return {"metric_name": metric, "namespace": namespace, "statistic": "Average", "dimensions": dimensions}


_PATH = "target_tracking_scaling_policy_configuration"


@unpublished_metric.bad("scorer-tracking", f"{_PATH}.predefined_metric_specification.predefined_metric_type")
def invocations_of_an_async_endpoint() -> Graph:
    """An async endpoint that scales on invocations per instance."""
    return examples.in_production_stack(
        examples.configuration(async_inference_config=_OUTPUT), examples.endpoint(), *examples.scaling(minimum=1)
    )


@unpublished_metric.bad("scorer-tracking", f"{_PATH}.customized_metric_specification.namespace")
def metric_in_the_wrong_namespace() -> Graph:
    """CPU utilisation, looked for where the invocations are."""
    return examples.in_production_stack(
        examples.configuration(),
        examples.endpoint(),
        *examples.scaling(customized=_measured("CPUUtilization", "AWS/SageMaker")),
        groups=examples.realtime(),
    )


@unpublished_metric.bad("scorer-tracking", f"{_PATH}.customized_metric_specification.metric_name")
def gpu_of_a_machine_without_one() -> Graph:
    """GPU utilisation of machines that have no GPU."""
    return examples.in_production_stack(
        examples.configuration("ml.m5.xlarge"),
        examples.endpoint(),
        *examples.scaling(customized=_measured("GPUUtilization", "/aws/sagemaker/Endpoints")),
        groups=examples.realtime(),
    )


@unpublished_metric.bad("web-tracking", f"{_PATH}.predefined_metric_specification.predefined_metric_type")
def requests_of_a_service_without_load_balancer() -> Graph:
    """An ECS service that takes its work from a queue, and scales on requests per target."""
    return examples.in_production_stack(
        *job_examples.worker(),
        *examples.service_scaling(metric="ALBRequestCountPerTarget"),
    )


@unpublished_metric.good()
def backlog_of_an_async_endpoint() -> Graph:
    """An async endpoint that scales on its backlog."""
    backlog = _measured("ApproximateBacklogSizePerInstance", "AWS/SageMaker")
    return examples.in_production_stack(
        examples.configuration(async_inference_config=_OUTPUT),
        examples.endpoint(),
        *examples.scaling(minimum=1, customized=backlog),
    )


@unpublished_metric.good()
def utilisation_where_it_is_published() -> Graph:
    """CPU utilisation, where it is published."""
    return examples.in_production_stack(
        examples.configuration(),
        examples.endpoint(),
        *examples.scaling(customized=_measured("CPUUtilization", "/aws/sagemaker/Endpoints")),
        groups=examples.realtime(),
    )


@unpublished_metric.good()
def metric_of_one_s_own() -> Graph:
    """A metric that the model itself publishes."""
    return examples.in_production_stack(
        examples.configuration(),
        examples.endpoint(),
        *examples.scaling(customized=_measured("TokensWaiting", "Acme/Models")),
        groups=examples.realtime(),
    )
