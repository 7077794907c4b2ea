"""Choices for training: GPUs for networks, by published throughput; CPUs and GPUs for gradient boosting, by its times.

A transformer's throughput is scaled by GFLOP from the figures of another size or length. A GPU that nobody has
published training figures of is reckoned from a V100's by how the two compare in inference; how far off that is, no
figure here can tell, and the advice says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from math import exp, log
from statistics import median
from typing import Final

from mlstage.catalog import instance, perf
from mlstage.catalog.instances import Instance, instance_names
from mlstage.catalog.models import Architecture, architecture
from mlstage.insight.advice.choice import Choice
from mlstage.insight.advice.figures import Figure, subject
from mlstage.insight.advice.latency import stacks, worst
from mlstage.insight.advice.machines import Kind, troubles
from mlstage.insight.advice.wants import Wants
from mlstage.insight.cost.book import PriceBook
from mlstage.insight.simulation import START_MINUTES

TRAINING: Final = "training job"
_KIND: Final = Kind(TRAINING, "SageMaker", "AmazonSageMaker", "Training", "training")
_FROM: Final = "p3.2xlarge"
# Adam in mixed precision: weights and gradients of 2 bytes, master weights and two moments of 4; then activations.
_BYTES_A_PARAMETER: Final = 16
_ROOM: Final = 1.5
_MIB: Final = 1024.0 * 1024.0
_TOLD: Final = ("fp16", "tf32", "fp32")


def choices(wants: Wants, book: PriceBook) -> tuple[list[Choice], list[str], str]:
    """Give the choices for a training job, what is not known, and the architecture that the figures are about."""
    needs = wants.needs
    if needs is None:
        return [], ["it says nothing of what it needs: `needs=Needs(model=…)`"], ""
    gaps = [] if needs.items else ["how many examples or rows a run sees is not said: `items` in `needs=Needs(…)`"]
    if needs.task == "classical" or needs.model in ("xgboost", "lightgbm"):
        library = needs.model if needs.model in ("xgboost", "lightgbm") else "xgboost"
        found = list(_boosting(library, needs.items)) if needs.items else []
        return [_choice(one, needs.items, None, wants, book) for one in found], gaps, library
    model, why = subject(needs)
    if model is None or why or model.task != "encoder":
        return (
            [],
            [f"no data: {why or f'no training figures of {model.name if model else needs.task} are published'}"],
            "",
        )
    found = [*_transformers(model, needs.sequence_length or 0, needs.precision)]
    made = [_choice(one, needs.items, model, wants, book) for one in found]
    made += [
        Choice(TRAINING, "SageMaker", name, lost=(reason,))
        for name, reason in (
            ("ml.inf2.xlarge", "Inferentia infers; it does not train"),
            ("ml.c5.4xlarge", "no data: no figure of training an encoder on a CPU is published here"),
            ("ml.trn1.2xlarge", "no data: no training figure of Trainium is published here"),
        )
    ]
    return made, gaps, model.name


def _choice(figure: Figure, items: int | None, model: Architecture | None, wants: Wants, book: PriceBook) -> Choice:
    name = f"ml.{figure.instance}"
    made = Choice(TRAINING, "SageMaker", name, least=1, most=1, figure=figure)
    lost, conditions = troubles(name, _KIND, wants)
    machine = instance(name)
    if machine is not None and model is not None and (trouble := _memory(machine, model, wants)):
        lost.append(trouble)
    price = book.price("AmazonSageMaker", name, "Training")
    if price is None:
        if machine is None or _KIND.use in machine.uses:
            lost.append(f"no price of {name} is known in {wants.region}")
        return replace(made, lost=tuple(lost), conditions=tuple(conditions))
    hours = items / figure.careful.per_second / 3600 + START_MINUTES / 60 if items else None
    if hours is not None:
        conditions.append(
            f"{hours:.3g} h and ${hours * price.usd:,.2f} a run, {START_MINUTES} minutes of start included"
        )
    if spot := book.spot(name, "Training"):
        _, rate, seen = spot
        conditions.append(
            f"on Spot ${rate.low:.3g} to ${rate.high:.3g} an hour (EC2's range of {seen.date} carried over)"
        )
    runs = wants.runs_per_month
    return replace(
        made,
        monthly=None if hours is None or runs is None else hours * runs * price.usd,
        per_million=1e6 / figure.careful.per_second / 3600 * price.usd,
        prices=(price,),
        conditions=tuple(conditions),
        lost=tuple(lost),
    )


def _memory(machine: Instance, model: Architecture, wants: Wants) -> str:
    if machine.accelerator is None:
        return ""
    each = machine.accelerator.memory_mib / machine.accelerator.count
    needed = wants.memory_mb or model.parameters * 1e6 * _BYTES_A_PARAMETER / _MIB * _ROOM
    return "" if needed <= each else f"no memory: training takes {needed:,.0f} MB, each GPU has {each:,.0f} MB"


def _transformers(model: Architecture, length: int, precision: str | None) -> Iterator[Figure]:
    """Yield a figure for each machine: the most usual precision that is exact enough."""
    allowed = ("fp32",) if precision == "fp32" else _TOLD
    best: dict[str, perf.Training] = {}
    rows = [one for one in perf.training() if one.job == "fine-tuning" and one.precision in allowed]
    for row in sorted(rows, key=lambda one: _TOLD.index(one.precision)):
        best.setdefault(row.instance, row)
    for row in best.values():
        yield _scaled(row, model, length)
    if _FROM in best:
        yield from _other_gpus(_scaled(best[_FROM], model, length))


def _scaled(row: perf.Training, model: Architecture, length: int) -> Figure:
    about = architecture(row.model)
    factor = about.gflop(row.seq_len) / model.gflop(length) if about else 1.0
    exact = about == model and row.seq_len == length
    words = f"{row.hardware}, {row.precision}, {row.job} of {row.model} at {row.seq_len} tokens: {row.throughput:g}/s"
    if not exact:
        words = (
            f"modelled: scaled by GFLOP x {factor:.3g} from {words}; nine in ten pairs of published training figures"
            f" are at most {training_error():.0%} slower than that"
        )
    per_second = row.throughput * factor
    return Figure(
        row.instance,
        1000 / per_second,
        1000 / per_second,
        1,
        per_second,
        "published" if exact else "modelled",
        row.hardware,
        row.precision,
        words,
        row.date,
        row.source,
        0.0 if exact else training_error(),
    )


def _other_gpus(base: Figure) -> Iterator[Figure]:
    """Yield figures of GPUs that have none for training, by what they do in inference beside the base's."""
    for name in ("g5.xlarge", "g4dn.xlarge"):
        ratio = inference_ratio(name, _FROM)
        machine = instance(name)
        if ratio is None or machine is None or machine.accelerator is None:
            continue
        words = (
            f"modelled: {machine.accelerator.name} against V100 is x {ratio:.2f} in inference (FasterTransformer and"
            f" TorchScript, fp16, batch 32), applied to: {base.words}; no training figure of this GPU is published"
            " here, so the error of that step is not known"
        )
        made = replace(
            base, ms=base.ms / ratio, p95_ms=base.p95_ms / ratio, per_second=base.per_second * ratio, words=words
        )
        for other in _same_gpu(machine):
            yield replace(made, instance=other.ec2_name, basis="modelled", error=base.error)


def _same_gpu(machine: Instance) -> list[Instance]:
    """Give SageMaker's types with the same single GPU, up to four times the vCPUs."""
    accelerator = machine.accelerator
    found = [one for name in instance_names("training") if (one := instance(name)) and one.family == machine.family]
    return [one for one in found if one.accelerator == accelerator and one.vcpu <= 4 * machine.vcpu]


@cache
def inference_ratio(name: str, base: str) -> float | None:
    """Say how much more one machine infers than another: the middle over their common figures of batch 32, fp16."""
    found: dict[str, dict[tuple[object, ...], float]] = {name: {}, base: {}}
    for stack, samples in stacks(perf.inference(), "encoder").items():
        if stack.instance in found and stack.precision == "fp16":
            for one in samples:
                if one.batch == 32:
                    found[stack.instance][(stack.framework, *one.subject)] = 1 / one.ms
    common = found[name].keys() & found[base].keys()
    return median(found[name][key] / found[base][key] for key in common) if common else None


@cache
def training_error() -> float:
    """Say how wrong scaling training figures by GFLOP is: fine-tuning from pre-training of one machine, and back."""
    missed = []
    for one in perf.training():
        for other in perf.training():
            same = (one.instance, one.precision) == (other.instance, other.precision)
            if same and one.job != other.job and (a := architecture(one.model)) and (b := architecture(other.model)):
                predicted = one.throughput * a.gflop(one.seq_len) / b.gflop(other.seq_len)
                missed.append(predicted / other.throughput - 1)
    return worst(missed)


def _boosting(library: str, rows: int) -> Iterator[Figure]:
    """Yield what gradient boosting takes on each machine: as published, or between two published sizes."""
    times: dict[str, dict[int, perf.GbmTraining]] = {}
    for figure in perf.gbm_training(library=library):
        known = times.setdefault(figure.instance, {})
        if figure.rows not in known or figure.seconds < known[figure.rows].seconds:
            known[figure.rows] = figure
    for name, known in times.items():
        if (made := _between(name, known, rows)) is not None:
            yield made


def _between(name: str, known: dict[int, perf.GbmTraining], rows: int) -> Figure | None:
    sizes = sorted(known)
    if rows in known:
        seconds, words, error, basis = known[rows].seconds, "published", 0.0, True
    elif len(sizes) > 1 and sizes[0] <= rows <= sizes[-1]:
        low = max(one for one in sizes if one < rows)
        high = min(one for one in sizes if one > rows)
        seconds, error, basis = line(known[low], known[high], rows), boosting_error(), False
        words = (
            f"modelled: between {low:,} and {high:,} rows; nine in ten hidden figures took at most {error:.0%} longer"
        )
    else:
        return None
    nearest = known[min(sizes, key=lambda one: abs(log(one / rows)))]
    words = f"{words}: {nearest.library} on the airline data, 100 trees of depth 10, {nearest.cores}"
    return Figure(
        name,
        1000 * seconds,
        1000 * seconds,
        1,
        rows / seconds,
        "published" if basis else "modelled",
        nearest.library,
        "",
        words,
        nearest.date,
        nearest.source,
        error,
    )


def line(low: perf.GbmTraining, high: perf.GbmTraining, rows: int) -> float:
    """Interpolate seconds between two sizes, on a straight line of logarithms."""
    part = log(rows / low.rows) / log(high.rows / low.rows)
    return exp(log(low.seconds) * (1 - part) + log(high.seconds) * part)


@cache
def boosting_error() -> float:
    """Say how wrong that is: the middle one of three published sizes hidden and predicted."""
    missed = []
    known: dict[tuple[str, str, str], dict[int, perf.GbmTraining]] = {}
    for figure in perf.gbm_training():
        known.setdefault((figure.library, figure.instance, figure.cores), {})[figure.rows] = figure
    for sizes in known.values():
        ordered = sorted(sizes)
        for low, middle, high in zip(ordered, ordered[1:], ordered[2:], strict=False):
            missed.append(sizes[middle].seconds / line(sizes[low], sizes[high], middle) - 1)
    return worst(missed)
