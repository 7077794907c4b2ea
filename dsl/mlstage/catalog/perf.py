"""Performance figures that others measured, each with its source: anchors for advice, never a promise.

`measured` was measured on that AWS type. `gpu-equivalent` was measured on the same GPU in another machine, so host,
network and clocks differ. `claimed` is a vendor's sentence, `derived` is worked out from one.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, TypeAlias, cast

from mlstage.catalog import _files

PerfBasis: TypeAlias = Literal["measured", "gpu-equivalent", "claimed", "derived"]

INFERENCE_FILE: Final = "perf_inference.tsv"
GBM_FILE: Final = "perf_gbm.tsv"
TRAINING_FILE: Final = "perf_training.tsv"


@dataclass(frozen=True, slots=True)
class Inference:
    """One inference figure; what the source does not give is None."""

    model: str
    task: str
    """`encoder`, `image-cls` or `text-generation`."""
    instance: str | None
    """EC2's name of the type that it speaks of; None where it compares several."""
    hardware: str
    """What it was measured on, in the source's words."""
    basis: PerfBasis
    framework: str
    precision: str
    batch: int | None
    seq_len: int | None
    input: str
    """Size of an image, such as `224x224`; empty for text."""
    throughput: float | None
    unit: str
    """Of the throughput: `inferences/s` or `tokens/s`."""
    avg_ms: float | None
    p50_ms: float | None
    p90_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    date: str
    source: str
    note: str

    @property
    def withdrawn(self) -> bool:
        """Whether what was measured is not to be had any more."""
        return "withdrawn" in self.note


@dataclass(frozen=True, slots=True)
class GbmTraining:
    """How long gradient boosting took to train on so many rows of the airline data set."""

    library: str
    rows: int
    instance: str
    cores: str
    seconds: float
    date: str
    source: str


@dataclass(frozen=True, slots=True)
class Training:
    """How many sequences a second a transformer encoder was trained on, over all GPUs of a machine like the type."""

    model: str
    job: str
    """`fine-tuning` or `pre-training`."""
    instance: str
    hardware: str
    gpus: int
    precision: str
    batch: int
    """Of one GPU."""
    seq_len: int
    throughput: float
    date: str
    source: str


def inference(
    *, task: str | None = None, instance: str | None = None, basis: PerfBasis | None = None
) -> tuple[Inference, ...]:
    """Return the inference figures for a task, an instance type (`ml.` or EC2's name) and a basis, as far as given."""
    ec2_name = instance and instance.removeprefix("ml.")
    return tuple(
        figure
        for figure in _inference()
        if (task is None or figure.task == task)
        and (ec2_name is None or figure.instance == ec2_name)
        and (basis is None or figure.basis == basis)
    )


def gbm_training(*, library: str | None = None, instance: str | None = None) -> tuple[GbmTraining, ...]:
    """Return the training times of gradient boosting for a library and an instance type, as far as given."""
    ec2_name = instance and instance.removeprefix("ml.")
    return tuple(
        figure
        for figure in _gbm()
        if (library is None or figure.library == library) and (ec2_name is None or figure.instance == ec2_name)
    )


@cache
def training() -> tuple[Training, ...]:
    """Return the training figures of transformer encoders."""
    found = []
    for model, job, instance, hardware, gpus, precision, batch, seq_len, throughput, key in _files.rows(TRAINING_FILE):
        said = _files.sources_of(TRAINING_FILE)[key]
        found.append(
            Training(
                model,
                job,
                instance,
                hardware,
                int(gpus),
                precision,
                int(batch),
                int(seq_len),
                float(throughput),
                said.date,
                str(said),
            )
        )
    return tuple(found)


@cache
def _inference() -> tuple[Inference, ...]:
    return tuple(_figure(fields) for fields in _files.rows(INFERENCE_FILE))


def _figure(fields: list[str]) -> Inference:
    (model, task, instance, hardware, basis, framework, precision, batch, seq_len, size, throughput, unit,
     avg, p50, p90, p95, p99, date, source, note) = fields  # fmt: skip
    return Inference(
        model=model,
        task=task,
        instance=instance.removeprefix("ml.") or None,
        hardware=hardware,
        basis=cast("PerfBasis", basis),
        framework=framework,
        precision=precision,
        batch=int(batch) if batch else None,
        seq_len=int(seq_len) if seq_len else None,
        input=size,
        throughput=_number(throughput),
        unit=unit,
        avg_ms=_number(avg),
        p50_ms=_number(p50),
        p90_ms=_number(p90),
        p95_ms=_number(p95),
        p99_ms=_number(p99),
        date=date,
        source=str(_files.sources_of(INFERENCE_FILE)[source]),
        note=note,
    )


@cache
def _gbm() -> tuple[GbmTraining, ...]:
    found = []
    for library, count, instance, cores, seconds, where, date, source in _files.rows(GBM_FILE):
        said = _files.sources_of(GBM_FILE)[source]
        said_by = f"szilard/GBM-perf, {where} ({said.licence})"
        found.append(GbmTraining(library, int(count), instance, cores, float(seconds), date, said_by))
    return tuple(found)


def _number(text: str) -> float | None:
    return float(text) if text else None
