"""ML111: far more accelerator than the model can use."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlstage.graph import Graph, Value
from mlstage.rules import examples
from mlstage.rules.levels import Level, Levels
from mlstage.rules.rule import About, stack_rule
from mlstage.rules.truth import Answer, when
from mlstage.rules.views.endpoints import endpoints
from mlstage.rules.views.machines import accelerator_mb, accelerator_words, has_accelerator_mb_above, smaller_host
from mlstage.rules.views.models import models


@dataclass(frozen=True, slots=True)
class OversizedAccelerator:
    """How many times the model's size the accelerators' memory may be."""

    times: int = 8


@stack_rule(
    id="ML111",
    name="oversized-accelerator",
    title="Accelerator memory many times the size of the model",
    levels=Levels(test=Level.DISABLED, production=Level.ADVISORY, other=Level.ADVISORY),
    fix="a smaller type (`mlstage advise` compares them), or several models on one endpoint",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/inference-recommender.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/multi-model-endpoints.html",
    ),
    options=OversizedAccelerator,
)
def oversized_accelerator(graph: Graph, about: About) -> Iterator[Answer]:
    """Weights, activations and a batch seldom need more than a few times the model's size; the rest is paid and idle.

    The model's size is what its spec says (`Model(size=…)`), a tag `mlstage:model-mb` of the model, or follows from the
    name of a model of the hub that mlstage's catalogue knows (`HF_MODEL_ID`). Where nothing tells it, nothing is said.
    Several GPUs count together: a model that uses one of them pays for all. Nor is anything said where SageMaker hosts
    on no type with less accelerator memory of the kind. The option `times` is the limit.
    """
    times = about.options(OversizedAccelerator).times
    for endpoint in endpoints(graph):
        for served in endpoint.served:
            kind = served.variant.instance_type
            size = models(graph, served.variant).size(graph.group_by_name.get(endpoint.resource.workload))
            smaller = smaller_host(kind)
            if size is None or (smaller is None and kind.text):
                continue
            memory = accelerator_mb(kind)
            yield from when(
                has_accelerator_mb_above(kind, times * size.mb),
                kind,
                f"{about.call(endpoint.resource)} serves a model of {size.mb:,.0f} MB ({size.because})"
                f" on {kind.shown} ({accelerator_words(kind)}, {memory:,.0f} MB)",
                instead=f"{smaller.name}, a CPU, or several models on one endpoint" if smaller else "",
            )


def _hub(name: str) -> dict[str, Value]:
    return {"HF_MODEL_ID": name, "HF_TASK": "text-classification"}


@oversized_accelerator.bad(
    "scorer-config",
    "production_variants[0].instance_type",
    spec="""
RealtimeEndpoint(
    name="reviews",
    model=Model(image="123456789012.dkr.ecr.us-east-1.amazonaws.com/reviews-bert:2.3", size="1GB"),
    on=SageMaker(instance="ml.g5.xlarge"),
    replicas=Autoscale(min=2, max=4, target=InvocationsPerInstance(600)),
    capture=DataCapture(to="s3://acme-ml-data/fraud/captured/", percent=20),
)
""",
)
def small_model_on_four_gpus() -> Graph:
    """DistilBERT on four GPUs: the container is told which model of the hub to load."""
    return examples.in_production_stack(
        examples.model("huggingface-inference:2.6-transformers4.49", environment=_hub("distilbert-base-uncased")),
        examples.configuration("ml.g5.12xlarge", encrypted=False),
        examples.endpoint(),
        *examples.scaling(),
        groups=examples.realtime(),
    )


@oversized_accelerator.bad("scorer-config", "production_variants[0].instance_type")
def model_whose_tag_tells_its_size() -> Graph:
    """A model of 900 MB, as its tag says, on a GPU of 24 GB."""
    return examples.in_production_stack(
        examples.model("reviews-bert:2.3", tags={"mlstage:model-mb": "900"}),
        examples.configuration("ml.g6.xlarge", encrypted=False),
        examples.endpoint(),
        *examples.scaling(),
        groups=examples.realtime(),
    )


@oversized_accelerator.good(
    spec="""
RealtimeEndpoint(
    name="reviews",
    model=Model(image="123456789012.dkr.ecr.us-east-1.amazonaws.com/reviews-bert:2.3", size="4GB"),
    on=SageMaker(instance="ml.g5.xlarge"),
    replicas=Autoscale(min=2, max=4, target=InvocationsPerInstance(600)),
    capture=DataCapture(to="s3://acme-ml-data/fraud/captured/", percent=20),
)
""",
)
def model_that_needs_its_gpu() -> Graph:
    """A model of 7 GB on a GPU of 24 GB."""
    return examples.in_production_stack(
        examples.model("assistant:3.1", tags={"mlstage:model-mb": "7000"}),
        examples.configuration("ml.g5.xlarge", encrypted=False),
        examples.endpoint(),
        *examples.scaling(),
        groups=examples.realtime(),
    )


@oversized_accelerator.good()
def model_of_unknown_size() -> Graph:
    """A model of which nothing tells the size."""
    return examples.in_production_stack(
        examples.model("reviews-bert:2.3"),
        examples.configuration("ml.g5.xlarge", encrypted=False),
        examples.endpoint(),
        *examples.scaling(),
        groups=examples.realtime(),
    )
