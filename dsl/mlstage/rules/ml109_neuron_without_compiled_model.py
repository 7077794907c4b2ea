"""ML109: Inferentia or Trainium under an image that cannot use it."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

import re
from collections.abc import Iterator

from mlstage.graph import Graph
from mlstage.rules import examples
from mlstage.rules.levels import Level, Levels
from mlstage.rules.rule import About, stack_rule
from mlstage.rules.truth import NO, Answer, Truth, when
from mlstage.rules.views.endpoints import endpoints
from mlstage.rules.views.jobs import jobs_of
from mlstage.rules.views.machines import accelerator_words, is_neuron
from mlstage.rules.views.models import models, names

_NEURON = re.compile(r"neuron", re.IGNORECASE)
# AWS's own containers say what they are built for, and most others do so too.
_OTHER = re.compile(
    r"(?<![a-z0-9])(?:gpu|cuda|cu1[0-9]{2}|cpu)(?![a-z])"
    r"|(?:pytorch|tensorflow|mxnet)-(?:inference|training)|(?:xgboost|scikit-learn|tritonserver|djl-serving)(?![a-z])",
    re.IGNORECASE,
)


@stack_rule(
    id="ML109",
    name="neuron-without-compiled-model",
    title="Inferentia or Trainium with an image that is not built for it",
    levels=Levels(test=Level.MANDATORY, production=Level.MANDATORY, other=Level.MANDATORY),
    fix="an image of the Neuron SDK and a model compiled with it, or a type with NVIDIA GPUs, or with none",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/neo-supported-cloud.html",
        "https://awsdocs-neuron.readthedocs-hosted.com/en/latest/containers/index.html",
    ),
)
def neuron_without_compiled_model(graph: Graph, about: About) -> Iterator[Answer]:
    """Neuron devices run only what was compiled for them; with another image the model runs on the few CPUs beside.

    Nothing fails: the endpoint comes up, is slow, and costs what the accelerator costs. The image's name tells: one of
    AWS's own for CPUs or GPUs, or any that says `cpu`, `gpu` or `cuda`, has no Neuron SDK. Images whose names say
    nothing are left alone.
    """
    for endpoint in endpoints(graph):
        for served in endpoint.served:
            kind, found = served.variant.instance_type, models(graph, served.variant)
            yield from when(
                is_neuron(kind) & found.runs(_OTHER) & ~found.runs(_NEURON),
                kind,
                f"{about.call(endpoint.resource)} serves on {kind.shown} ({accelerator_words(kind)})"
                " what was not built for it",
            )
    for job in jobs_of(graph):
        other: Truth = NO if job.image is None else names(job.image, _OTHER) & ~names(job.image, _NEURON)
        for kind in job.instance_types:
            yield from when(
                is_neuron(kind) & other,
                kind,
                f"{about.call_part(job.resource, job.words)} runs on {kind.shown} ({accelerator_words(kind)})"
                " what was not built for it",
            )


_DEEP_LEARNING = "763104351884.dkr.ecr.us-east-1.amazonaws.com"


@neuron_without_compiled_model.bad("scorer-config", "production_variants[0].instance_type")
def image_for_gpus_on_inferentia() -> Graph:
    """AWS's own PyTorch image for GPUs, on Inferentia."""
    return examples.in_production_stack(
        examples.model("pytorch-inference:2.5.1-gpu-py311-cu124-ubuntu22.04-sagemaker", registry=_DEEP_LEARNING),
        examples.configuration("ml.inf2.xlarge"),
        examples.endpoint(),
        *examples.scaling(),
        groups=examples.realtime(),
    )


@neuron_without_compiled_model.bad("training", "pipeline_definition.Steps[0].Arguments.ResourceConfig.InstanceType")
def image_for_gpus_on_trainium() -> Graph:
    """A training job whose image says that it was built for CUDA, on Trainium."""
    return examples.in_production_stack(examples.training("ml.trn1.2xlarge", image="reviews-train:2.3-cuda"))


@neuron_without_compiled_model.good()
def image_of_the_neuron_sdk() -> Graph:
    """AWS's own PyTorch image with the Neuron SDK, on Inferentia."""
    return examples.in_production_stack(
        examples.model("pytorch-inference-neuronx:2.1.2-neuronx-py310-sdk2.20.2-ubuntu20.04", registry=_DEEP_LEARNING),
        examples.configuration("ml.inf2.xlarge"),
        examples.endpoint(),
        *examples.scaling(),
        groups=examples.realtime(),
    )


@neuron_without_compiled_model.good()
def image_that_says_nothing() -> Graph:
    """An image of one's own, whose name does not say what it was built for."""
    return examples.in_production_stack(
        examples.model("reviews:2.3"),
        examples.configuration("ml.inf2.xlarge"),
        examples.endpoint(),
        *examples.scaling(),
        groups=examples.realtime(),
    )
