"""What a container is told where SageMaker is not there to tell it: addresses in S3, by environment variables.

SageMaker brings data to the container and takes it away again. On ECS, EKS and Lambda the container does that itself,
and is told from and to where by variables that begin with `MLSTAGE_`, which an author's own variables override.
`docs/targets/containers.md` is the list.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from mlstage.spec.model import Model
from mlstage.spec.per_stage import known
from mlstage.spec.workloads import AsyncEndpoint, BatchInference, Processing, Training
from mlstage.targets import checkpoints

Variables = dict[str, str]


def with_own(told: Mapping[str, str], own: Mapping[str, str]) -> Variables:
    """Sort what mlstage tells and what the author sets into one list; the author's has the last word."""
    return dict(sorted({**told, **own}.items()))


def of_model(model: Model) -> Variables:
    """Tell where the model's artifact lies."""
    artifact = known(model.artifact)
    return {"MLSTAGE_MODEL_ARTIFACT": artifact} if artifact else {}


def of_batch(spec: BatchInference) -> Variables:
    """Tell a batch job what to read, where to write, and in which form."""
    return {
        **of_model(known(spec.model)),
        "MLSTAGE_INPUT": known(spec.input),
        "MLSTAGE_OUTPUT": known(spec.output),
        "MLSTAGE_CONTENT_TYPE": known(spec.content_type),
        **checkpoints.told(spec),
    }


def of_answers(spec: AsyncEndpoint) -> Variables:
    """Tell an asynchronous endpoint where requests lie, and where answers and notes of failures are written."""
    places = {"MLSTAGE_INPUT": known(spec.input), "MLSTAGE_FAILURES": known(spec.failures)}
    named = {name: place for name, place in places.items() if place}
    return {**of_model(known(spec.model)), "MLSTAGE_OUTPUT": known(spec.output), **named}


def of_processing(spec: Processing) -> Variables:
    """Tell a processing job its inputs and outputs by name."""
    inputs, outputs = known(spec.inputs).items(), known(spec.outputs).items()
    return {
        **{_named("INPUT", name): uri for name, uri in inputs},
        **{_named("OUTPUT", name): uri for name, uri in outputs},
        **checkpoints.told(spec),
    }


def of_training(spec: Training) -> Variables:
    """Tell a training job its channels, its hyper-parameters, and where the model and its checkpoints go."""
    told = {_named("INPUT", name): uri for name, uri in known(spec.inputs).items()}
    told["MLSTAGE_OUTPUT"] = known(spec.output)
    if parameters := known(spec.hyperparameters):
        told["MLSTAGE_HYPERPARAMETERS"] = json.dumps(dict(sorted(parameters.items())))
    return {**told, **checkpoints.told(spec)}


def _named(kind: str, name: str) -> str:
    return f"MLSTAGE_{kind}_{''.join(letter if letter.isalnum() else '_' for letter in name).upper()}"
