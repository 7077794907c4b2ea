"""A trained model: the container that serves it and the artifact it loads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from mlstage.spec.base import Node
from mlstage.spec.images import AnyImage
from mlstage.spec.per_stage import Staged
from mlstage.spec.text import S3, Size, wrong

Accelerator = Literal["inf1", "inf2", "trn1", "trn2"]


def _variables(values: Mapping[str, str]) -> Mapping[str, str]:
    for key, value in values.items():
        if not key.replace("_", "").isalnum() or key[0].isdigit() or not key.isascii():
            raise wrong("SPEC104", f"{key!r} is no name of an environment variable", "letters, digits and underscores")
        if len(key) > 1024 or len(value) > 1024:
            what = f"environment variable {key!r} is longer than the 1,024 characters that SageMaker takes"
            raise wrong("AWS107", what, "a shorter value, or a file in the artifact or in S3")
    return values


Variables = Annotated[Mapping[str, str], AfterValidator(_variables)]


class Model(Node):
    """A container image with the model artifact it loads at start-up.

    `size` is the artifact unpacked: time-outs for download and start-up follow from it. `compiled_for` names the
    Neuron chip that the artifact was compiled for, `neuron_cores` for how many of its cores. `environment` is for
    settings, never for secrets. With `network_isolation` the container reaches nothing but the requests it is given.
    """

    image: Staged[AnyImage]
    artifact: Staged[S3 | None] = None
    environment: Staged[Variables] = Field(default_factory=dict)
    compiled_for: Staged[Accelerator | None] = None
    architecture: Staged[Literal["x86_64", "arm64"]] = "x86_64"
    neuron_cores: Staged[Annotated[int, Field(ge=1)] | None] = None
    size: Staged[Size | None] = None
    network_isolation: Staged[bool] = False
