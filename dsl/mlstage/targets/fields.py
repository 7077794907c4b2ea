"""Which fields of a kind of workload a target takes. What it has nothing for is refused, never left out silently."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from mlstage.diagnostics import Diagnostic
from mlstage.spec.per_stage import known
from mlstage.spec.workload import Workload
from mlstage.targets.base import Blame, No

ON_SAGEMAKER: Final = 'on=SageMaker(instance="ml.m5.xlarge")'

# Why only SageMaker has it, field by field: the containers of the other targets answer for themselves.
_SAGEMAKER_HAS: Final[Mapping[str, str]] = {
    "models": "loading many models into one container by name is SageMaker's multi-model endpoint",
    "preprocess": "a chain of containers behind one name is SageMaker's inference pipeline",
    "postprocess": "a chain of containers behind one name is SageMaker's inference pipeline",
    "weight": "traffic is shared between variants by SageMaker",
    "variants": "traffic is shared between variants by SageMaker",
    "shadow": "a copy of the traffic is made by SageMaker",
    "capture": "requests and answers are captured by SageMaker",
    "split": "records are cut out of an object by SageMaker's batch transform; here the container reads it itself",
    "strategy": "records are put together by SageMaker's batch transform; here the container reads them itself",
    "payload": "requests are sized by SageMaker's batch transform; here the container reads its input itself",
    "concurrency": "requests are sent by SageMaker's batch transform; here the container reads its input itself",
    "join_input": "answers are joined to records by SageMaker's batch transform",
    "input_filter": "records are filtered by SageMaker's batch transform",
    "output_filter": "answers are filtered by SageMaker's batch transform",
    "input_mode": "inputs are brought to the container by SageMaker's training; here it reads S3 itself",
    "code": "scripts are unpacked into the container by SageMaker's training",
    "entry_point": "scripts are unpacked into the container by SageMaker's training",
    "distribution": "machines of one job are joined by SageMaker's training",
    "tune": "hyper-parameters are searched by SageMaker's tuning",
    "metrics": "values are read from the log by SageMaker's training",
    "keep_warm": "machines are kept between jobs by SageMaker's training",
    "network_isolation": "containers are cut off from the network by SageMaker",
}

# What an author expects and needs is for cost and advice, and reaches no target.
_FOR_INSIGHT: Final = ("expects", "needs")


@dataclass(frozen=True, slots=True)
class Fields:
    """What a target does with the fields of one kind of workload; a test holds every field to be in one of the two."""

    takes: frozenset[str]
    refuses: Mapping[str, No]

    @classmethod
    def of(cls, takes: str, sagemaker_only: str = "", **refuses: No) -> Fields:
        """Name the fields taken, those that only SageMaker has, and those that are refused for another reason."""
        said = {name: No(_SAGEMAKER_HAS[name], ON_SAGEMAKER) for name in sagemaker_only.split()}
        return cls(frozenset({*takes.split(), *_FOR_INSIGHT, *Workload.model_fields}), {**said, **refuses})


def unsupported(blame: Blame, target: str, fields: Fields) -> Iterator[Diagnostic]:
    """Yield an error for every field that says something other than its default and that the target does not take."""
    spec = blame.workload.workload
    for name, info in type(spec).model_fields.items():
        if name in fields.takes or _same(known(getattr(spec, name)), info.get_default(call_default_factory=True)):
            continue
        no = fields.refuses.get(name) or No("it is not known there", ON_SAGEMAKER)
        yield blame("AWS201", name, f"{target} has nothing for `{name}`: {no.because}", _cure(name, no))


def _same(value: Any, default: Any) -> bool:
    return bool(value == default) or (not value and not default and value is not False and value != 0)


def _cure(field: str, no: No) -> str:
    return f"leave `{field}` out, or {no.instead}" if no.instead else f"leave `{field}` out"
