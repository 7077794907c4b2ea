"""ML307: GPUs that idle without anybody noticing."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator

from mlstage.graph import Graph
from mlstage.rules import examples
from mlstage.rules.levels import Level
from mlstage.rules.rule import About, in_production, stack_rule
from mlstage.rules.truth import Answer, any_of, when
from mlstage.rules.views.endpoints import endpoints
from mlstage.rules.views.machines import accelerator_words, has_nvidia
from mlstage.rules.views.watchers import Watchers, is_about_low


@stack_rule(
    id="ML307",
    name="gpu-without-idle-alarm",
    title="GPU endpoint without an alarm for a GPU that idles",
    levels=in_production(Level.ADVISORY),
    fix='watch=Watch("payments-ml@acme.example"), or an alarm on `GPUUtilization` of `/aws/sagemaker/Endpoints` with'
    " `LessThanThreshold`",
    elsewhere="an alarm on `GPUUtilization` of `/aws/sagemaker/Endpoints` with `LessThanThreshold`",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html",),
)
def gpu_without_idle_alarm(graph: Graph, about: About) -> Iterator[Answer]:
    """A GPU costs several times what a CPU does, and an idle one looks like a healthy one on every dashboard.

    SageMaker publishes `GPUUtilization` for each variant. An alarm on a low value over a day finds models that a CPU or
    Inferentia would serve as well, endpoints that nobody asks any more, and scaling that does not come down.
    """
    alarms = Watchers(graph)
    for endpoint in endpoints(graph):
        about_low = any_of(is_about_low(alarm, "GPUUtilization") for alarm in alarms.of(endpoint.resource))
        for served in endpoint.served:
            machine = served.variant.instance_type
            yield from when(
                served.variant.on_instances & has_nvidia(machine) & ~(about_low | alarms.unknown()),
                machine,
                f"{about.call(endpoint.resource)} runs on {machine.shown} ({accelerator_words(machine)}), and no alarm"
                " tells when its GPU idles",
            )


@gpu_without_idle_alarm.bad("scorer-config", "production_variants[0].instance_type")
def unwatched_gpu() -> Graph:
    """A GPU endpoint whose one alarm is about errors."""
    errors = examples.alarm(
        "errors", "AWS/SageMaker", "Invocation5XXErrors", {"EndpointName": "scorer", "VariantName": "AllTraffic"}
    )
    return examples.in_production_stack(
        examples.configuration("ml.g5.xlarge"),
        examples.endpoint(),
        *examples.scaling(),
        errors,
        groups=examples.realtime(),
        without="alarms",
    )


@gpu_without_idle_alarm.good()
def watched_gpu() -> Graph:
    """A GPU endpoint with an alarm on its GPU's utilisation."""
    return examples.in_production_stack(
        examples.configuration("ml.g5.xlarge"),
        examples.endpoint(),
        *examples.scaling(),
        groups=examples.realtime(),
    )
