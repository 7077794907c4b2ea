"""ML106: accelerators under images that use CPUs only."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlstage.graph import Graph
from mlstage.rules import examples
from mlstage.rules.rule import About, in_production, stack_rule
from mlstage.rules.truth import NO, Answer, Field, Truth, any_of, when
from mlstage.rules.views.endpoints import endpoints
from mlstage.rules.views.jobs import jobs_of
from mlstage.rules.views.machines import accelerator_words, has_accelerator
from mlstage.rules.views.models import models, names, words
from mlstage.rules.views.pipelines import Job

# Which settings have these libraries train on a GPU, and how their values begin.
_GPU_SETTINGS = {"tree_method": ("gpu",), "device": ("cuda",), "device_type": ("gpu", "cuda"), "task_type": ("gpu",)}


@dataclass(frozen=True, slots=True)
class GpuForClassicalModels:
    """Words in the name of an image that tell of a library which predicts on CPUs."""

    words: tuple[str, ...] = ("xgboost", "lightgbm", "catboost", "scikit-learn", "sklearn")


@stack_rule(
    id="ML106",
    name="gpu-for-classical-models",
    title="GPU or other accelerator for trees and linear models",
    levels=in_production(),
    fix='a CPU type, such as instance="ml.c5.xlarge"',
    elsewhere="a type without accelerators, such as ml.c5.xlarge",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost.html#Instance-XGBoost",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/inference-recommender.html",
    ),
    options=GpuForClassicalModels,
)
def gpu_for_classical_models(graph: Graph, about: About) -> Iterator[Answer]:
    """A container of XGBoost, LightGBM or scikit-learn predicts on the CPU: the accelerator beside it stays idle.

    What the container holds is told by its image's name, AWS's own or yours (`sagemaker-xgboost`, `fraud-lightgbm`).
    Training may be meant: a job whose hyperparameters ask for the GPU (`tree_method=gpu_hist`, `device=cuda`) is not
    meant here, nor one whose hyperparameters are not known yet decided. In test stacks ML102 speaks of accelerators.
    """
    pattern = words(*about.options(GpuForClassicalModels).words)
    for endpoint in endpoints(graph):
        for served in endpoint.served:
            kind = served.variant.instance_type
            yield from when(
                has_accelerator(kind) & models(graph, served.variant).runs(pattern),
                kind,
                f"{about.call(endpoint.resource)} serves a model that needs no accelerator"
                f" on {kind.shown} ({accelerator_words(kind)})",
            )
    for job in jobs_of(graph):
        classical = NO if job.image is None else names(job.image, pattern)
        for kind in job.instance_types:
            yield from when(
                has_accelerator(kind) & classical & ~_asks_for_gpu(job),
                kind,
                f"{about.call_part(job.resource, job.words)} runs what needs no accelerator"
                f" on {kind.shown} ({accelerator_words(kind)})",
            )


def _asks_for_gpu(job: Job) -> Truth:
    if not job.is_training:
        return NO
    settings = job.hyperparameters
    if settings.value is None:
        return NO
    return any_of(_begins(settings[name], values) for name, values in _GPU_SETTINGS.items())


def _begins(setting: Field, values: tuple[str, ...]) -> Truth:
    return setting.satisfies(lambda text: text.strip('"').lower().startswith(values))


@gpu_for_classical_models.bad(
    "scorer-config",
    "production_variants[0].instance_type",
    spec="""
RealtimeEndpoint(
    name="scorer",
    model=model,
    on=SageMaker(instance="ml.g5.xlarge"),
    replicas=Autoscale(min=2, max=8, target=InvocationsPerInstance(600)),
    capture=DataCapture(to="s3://acme-ml-data/fraud/captured/", percent=20),
)
""",
)
def trees_served_on_a_gpu() -> Graph:
    """An endpoint that serves XGBoost's trees, on a GPU."""
    return examples.in_production_stack(
        examples.model("fraud-xgboost:1.7-1"),
        examples.configuration("ml.g5.xlarge"),
        examples.endpoint(),
        *examples.scaling(),
        groups=examples.realtime(),
    )


@gpu_for_classical_models.bad("training", "pipeline_definition.Steps[0].Arguments.ResourceConfig.InstanceType")
def linear_model_trained_on_a_gpu() -> Graph:
    """A training job of AWS's own scikit-learn image, on a GPU."""
    return examples.in_production_stack(examples.training("ml.g4dn.xlarge", image="sagemaker-scikit-learn:1.2-1"))


@gpu_for_classical_models.good()
def network_served_on_a_gpu() -> Graph:
    """An endpoint that serves a neural network, on a GPU."""
    return examples.in_production_stack(
        examples.model("reviews-bert:2.3"),
        examples.configuration("ml.g5.xlarge"),
        examples.endpoint(),
        *examples.scaling(),
        groups=examples.realtime(),
    )


@gpu_for_classical_models.good()
def trees_trained_on_a_gpu() -> Graph:
    """A training job of XGBoost that asks for the GPU which it has."""
    return examples.in_production_stack(
        examples.training("ml.g5.xlarge", image="fraud-xgboost:1.7-1", hyperparameters={"device": "cuda"})
    )


@gpu_for_classical_models.good(
    spec="""
RealtimeEndpoint(
    name="scorer",
    model=model,
    on=SageMaker(instance="ml.c5.xlarge"),
    replicas=Autoscale(min=2, max=8, target=InvocationsPerInstance(600)),
    capture=DataCapture(to="s3://acme-ml-data/fraud/captured/", percent=20),
)
""",
)
def trees_served_on_a_cpu() -> Graph:
    """An endpoint that serves XGBoost's trees, on a CPU."""
    return examples.in_production_stack(
        examples.model("fraud-xgboost:1.7-1"),
        examples.configuration("ml.c5.xlarge"),
        examples.endpoint(),
        *examples.scaling(),
        groups=examples.realtime(),
    )
