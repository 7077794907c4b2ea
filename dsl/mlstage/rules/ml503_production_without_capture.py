"""ML503: models of which nobody knows what they answered."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator

from mlstage.graph import Graph
from mlstage.rules import examples
from mlstage.rules.levels import Level
from mlstage.rules.rule import About, in_production, stack_rule
from mlstage.rules.truth import Answer, all_of, field, when
from mlstage.rules.views.endpoints import endpoints


@stack_rule(
    id="ML503",
    name="production-without-capture",
    title="Production endpoint that keeps none of its requests and answers",
    levels=in_production(Level.ADVISORY),
    fix='capture=DataCapture(to="s3://acme-ml-data/fraud/captured/", percent=20), with a lifecycle on that prefix that'
    " deletes what is old",
    elsewhere="`data_capture_config` on the endpoint configuration, and a lifecycle on its prefix that deletes what"
    " is old",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture.html",),
)
def production_without_capture(graph: Graph, about: About) -> Iterator[Answer]:
    """Without the requests of last week nobody can say why the model is wrong, whether the data moved, or try another.

    Asked of real-time endpoints on instances; SageMaker captures nothing of serverless ones, and asynchronous ones keep
    their requests in S3 by themselves. What is captured is personal data as often as not: encrypt it, and delete it.
    """
    for endpoint in endpoints(graph):
        for configuration in endpoint.link.resources:
            capture = field(configuration, "data_capture_config")
            on_instances = all_of(served.variant.on_instances for served in endpoint.served)
            yield from when(
                endpoint.is_realtime & on_instances & ~capture["enable_capture"].is_true(),
                capture,
                f"{about.call(endpoint.resource)} keeps none of its requests and answers",
            )


@production_without_capture.bad(
    "scorer-config",
    "data_capture_config",
    spec="""
RealtimeEndpoint(
    name="scorer",
    model=model,
    on=SageMaker(instance="ml.m5.xlarge"),
    replicas=Autoscale(min=2, max=8, target=InvocationsPerInstance(600)),
)
""",
)
def nothing_kept() -> Graph:
    """An endpoint without data capture."""
    return examples.in_production_stack(
        examples.configuration(captured=False),
        examples.endpoint(),
        *examples.scaling(),
        groups=examples.realtime(),
    )


@production_without_capture.bad("scorer-config", "data_capture_config")
def switched_off() -> Graph:
    """An endpoint whose capture is configured, and off."""
    return examples.in_production_stack(
        examples.configuration(
            captured=False,
            data_capture_config={
                "enable_capture": False,
                "initial_sampling_percentage": 20,
                "destination_s3_uri": "s3://acme-ml-data/fraud/captured/",
                "capture_options": ({"capture_mode": "Input"},),
            },
        ),
        examples.endpoint(),
        *examples.scaling(),
        groups=examples.realtime(),
    )


@production_without_capture.good(
    spec="""
RealtimeEndpoint(
    name="scorer",
    model=model,
    on=SageMaker(instance="ml.m5.xlarge"),
    replicas=Autoscale(min=2, max=8, target=InvocationsPerInstance(600)),
    capture=DataCapture(to="s3://acme-ml-data/fraud/captured/", percent=20),
)
""",
)
def a_fifth_kept() -> Graph:
    """An endpoint that keeps a fifth of its requests."""
    return examples.in_production_stack(
        examples.configuration(), examples.endpoint(), *examples.scaling(), groups=examples.realtime()
    )
