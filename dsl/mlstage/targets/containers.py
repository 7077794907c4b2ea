"""What a task or a pod runs, and how a model's artifact is brought to it where SageMaker is not there to do so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from mlstage.graph import Value

MODEL_DIRECTORY: Final = "/opt/ml/model"
# Downloaded whole before it is unpacked, so that a download that breaks off is a failure.
UNPACK: Final = (
    'aws s3 cp "$MLSTAGE_MODEL_ARTIFACT" /tmp/model.tar.gz'
    f" && tar -xzf /tmp/model.tar.gz -C {MODEL_DIRECTORY} && rm /tmp/model.tar.gz"
)


@dataclass(frozen=True, slots=True)
class Container:
    """What a task or pod runs. `serves` says that it answers requests on its target's port.

    `starts_in` is for how many seconds it may load before it has to say that it works.
    """

    image: str
    architecture: str
    variables: Mapping[str, Value] = field(default_factory=dict)
    entry_point: Sequence[str] = ()
    command: Sequence[str] = ()
    serves: bool = False
    artifact: str | None = None
    starts_in: int = 0
