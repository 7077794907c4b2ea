"""How long a model takes on a machine whose figures are about other models, lengths or batches: a model of figures.

One batch takes `sqrt((a x layers)^2 + (b x GFLOP)^2)`: launching so many layers, or computing so much, whichever is
more. `a` and `b` are fitted to the figures of one machine, framework and precision, by least squares of the logarithms.
Where there are fewer than four such figures, the nearest one is scaled by GFLOP alone.

Either way the model says how far off it may be: figures are hidden from it, all of one model and length at a time, and
predicted. `error` is how much longer than predicted nine in ten of them really took, at the most.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from math import ceil, hypot, log
from statistics import median
from typing import Final

from mlstage.catalog import perf
from mlstage.catalog.instances import instance
from mlstage.catalog.models import Architecture, architecture
from mlstage.catalog.perf import Inference

ENOUGH: Final = 4
"""Figures of one machine, framework and precision from which on the model is fitted."""
QUANTILE: Final = 0.9
"""Of the hidden figures, the share whose error is at most the one that is told."""
_VERSION: Final = re.compile(r"[\d.]*\d")


@dataclass(frozen=True, slots=True)
class Sample:
    """One figure, as the model sees it."""

    figure: Inference
    model: Architecture
    gflop: float
    """Of the whole batch."""
    batch: int
    ms: float
    """Typical time of one batch."""
    lanes: int
    """Batches that are worked on at once: NeuronCores, or what keeps a device busy."""

    @property
    def subject(self) -> tuple[str, int | None]:
        """What was measured, without how much at once: figures of one subject are hidden together."""
        return (self.model.name, self.figure.seq_len)


@dataclass(frozen=True, slots=True)
class Stack:
    """A machine with a framework and a precision: what one fit is about."""

    instance: str
    framework: str
    precision: str
    task: str


@dataclass(frozen=True, slots=True)
class Fit:
    """The two constants of a stack, milliseconds a layer and milliseconds a GFLOP."""

    layer_ms: float
    gflop_ms: float

    def ms(self, layers: int, gflop: float) -> float:
        """Predict the time of one batch."""
        return hypot(self.layer_ms * layers, self.gflop_ms * gflop)


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the model says of a stack."""

    stack: Stack
    ms: float
    lanes: int
    error: float
    """How much longer nine in ten hidden figures took than predicted, at the most: 0.25 is a quarter."""
    nearest: Sample
    """The figure that is most like what was asked."""
    figures: int
    """How many figures it rests on."""


def sample(figure: Inference) -> Sample | None:
    """Bring a figure into the form of the model; None where it is of no known model, or tells no single batch.

    Where the size of the batch is not told, a CPU is taken to work on one request at a time; an accelerator is not.
    """
    made = architecture(figure.model)
    if made is None or figure.throughput is None or figure.unit != "inferences/s":
        return None
    if figure.withdrawn or (made.image_gmac is None and figure.seq_len is None):
        return None
    machine = instance(figure.instance or "")
    if figure.batch is None and (machine is None or machine.accelerator is not None):
        return None
    batch = figure.batch or 1
    apart = 1000 * batch / figure.throughput
    ms = figure.p50_ms or figure.p90_ms or figure.p95_ms or figure.avg_ms or apart
    # The average of some sources counts warming up: what a single lane got done says more.
    if figure.p50_ms is None and apart < ms:
        ms = apart
    lanes = max(1, round(ms / apart))
    return Sample(figure, made, made.gflop(figure.seq_len) * batch, batch, ms, lanes)


def stack_of(figure: Inference, task: str) -> Stack:
    """Say which stack a figure is about; versions of a framework count as one."""
    framework = " ".join(_VERSION.sub("", figure.framework).replace("(NGC )", "").replace("/ ", "/ ").split())
    return Stack(figure.instance or "", framework, figure.precision.partition(" ")[0].lower(), task)


def stacks(figures: Iterable[Inference], task: str) -> dict[Stack, tuple[Sample, ...]]:
    """Sort the figures of a task by stack; sentences of vendors serve only where nothing was measured."""
    found: dict[Stack, list[Sample]] = {}
    for figure in figures:
        if figure.instance and figure.task == task and (made := sample(figure)) is not None:
            found.setdefault(stack_of(figure, task), []).append(made)
    return {stack: tuple(samples) for stack, samples in found.items()}


def fit(samples: Sequence[Sample]) -> Fit:
    """Fit the two constants; by halving steps, which is slow and never wrong, for a handful of figures."""
    layer = min(one.ms / one.model.layers for one in samples)
    gflop = min(one.ms / one.gflop for one in samples)
    best, step = _miss(samples, layer, gflop), 2.0
    while step > 1.002:
        steps = ((step, 1.0), (1 / step, 1.0), (1.0, step), (1.0, 1 / step))
        tried = min(((_miss(samples, layer * one, gflop * other), one, other) for one, other in steps))
        if tried[0] < best:
            best, layer, gflop = tried[0], layer * tried[1], gflop * tried[2]
        else:
            step **= 0.5
    return Fit(layer, gflop)


def predict(stack: Stack, samples: Sequence[Sample], model: Architecture, gflop: float, batch: int) -> Prediction:
    """Predict the time of a batch on a stack."""
    nearest = min(samples, key=lambda one: (abs(log(one.gflop / gflop)), one.figure.model, one.figure.date))
    lanes = round(median(one.lanes for one in sorted(samples, key=lambda one: abs(one.batch - batch))[:3]))
    if len(samples) >= ENOUGH and (error := held_out_error(tuple(samples))) is not None:
        ms = fit(samples).ms(model.layers, gflop)
        return Prediction(stack, ms, lanes, error, nearest, len(samples))
    ms = nearest.ms * gflop / nearest.gflop
    return Prediction(stack, ms, nearest.lanes, scaling_error(gflop > nearest.gflop), nearest, 1)


@cache
def held_out_error(samples: tuple[Sample, ...]) -> float | None:
    """Hide each model and length in turn and predict it; None where too little would be left."""
    missed = [real / said - 1 for said, real in held_out(samples)]
    return worst(missed) if missed else None


def held_out(samples: Sequence[Sample]) -> list[tuple[float, float]]:
    """Give what was predicted and what it really was, for every figure that was hidden."""
    pairs = []
    for subject in sorted({one.subject for one in samples}, key=str):
        kept = [one for one in samples if one.subject != subject]
        if len(kept) < ENOUGH - 1:
            continue
        known = fit(kept)
        hidden = [one for one in samples if one.subject == subject]
        pairs += [(known.ms(one.model.layers, one.gflop), one.ms) for one in hidden]
    return pairs


@cache
def scaling_error(up: bool) -> float:
    """Say how wrong scaling one figure by GFLOP is, over all pairs of figures of one stack and batch.

    To more work (`up`) and to less are told apart: what does not grow with the work makes the second much worse.
    """
    missed = []
    for task in ("encoder", "image-cls"):
        for samples in stacks(perf.inference(), task).values():
            for one in samples:
                for other in samples:
                    if one.batch == other.batch and one.subject != other.subject and (other.gflop > one.gflop) is up:
                        missed.append(other.ms / (one.ms * other.gflop / one.gflop) - 1)
    return worst(missed)


def _miss(samples: Sequence[Sample], layer: float, gflop: float) -> float:
    return sum(log(hypot(layer * one.model.layers, gflop * one.gflop) / one.ms) ** 2 for one in samples)


def worst(missed: Sequence[float]) -> float:
    """Give what the given share of cases stays below; never less than nothing."""
    ranked = sorted(missed)
    return max(0.0, ranked[max(0, ceil(QUANTILE * len(ranked)) - 1)])
