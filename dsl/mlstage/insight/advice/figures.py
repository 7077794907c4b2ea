"""What each machine does with the model that a workload needs: published figures first, modelled ones beside them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from mlstage.catalog import closest, perf
from mlstage.catalog.models import Architecture, architecture, architecture_names
from mlstage.catalog.perf import Inference
from mlstage.insight.advice.latency import Prediction, Sample, predict, stacks
from mlstage.insight.facts import Needs

FigureBasis = Literal["published", "modelled", "stated"]

# From the least to the most exact; a need of one is met by what stands after it.
_PRECISIONS: Final = ("int8", "fp16", "fp32")
_CALLED: Final = {"fp32": "fp32", "fp16": "fp16", "bf16": "fp16", "amp": "fp16", "int8": "int8"}

_BASES: Final = {
    "measured": "measured on the type",
    "gpu-equivalent": "measured on the same GPU in another machine",
    "claimed": "a vendor's sentence",
    "derived": "worked out from a vendor's sentence",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """What one machine does with one request."""

    instance: str
    """EC2's name."""
    ms: float
    """Typical time of a request that does not wait."""
    p95_ms: float
    lanes: int
    """Requests that are worked on at once."""
    per_second: float
    """Requests a second when it is never idle."""
    basis: FigureBasis
    framework: str
    precision: str
    words: str
    """How the figure came about."""
    date: str
    source: str
    error: float | None = 0.0
    """How much slower it may be than told; reckoned against it. None where nobody can say."""

    @property
    def careful(self) -> Figure:
        """Give the figure with its error reckoned against it."""
        if not self.error:
            return self
        slower = 1 + self.error
        return Figure(
            self.instance,
            self.ms * slower,
            self.p95_ms * slower,
            self.lanes,
            self.per_second / slower,
            self.basis,
            self.framework,
            self.precision,
            self.words,
            self.date,
            self.source,
            0.0,
        )


def subject(needs: Needs) -> tuple[Architecture | None, str]:
    """Give the architecture that a workload needs, or say why there is no figure to start from."""
    if needs.model is None:
        if needs.task in ("classical", "preprocessing"):
            return None, f"no figures of {needs.task} models are published here"
        known = like(needs)
        return known, "" if known else "neither the model is named nor one of its task and size is known"
    found = architecture(needs.model)
    if found is None:
        near = closest(needs.model, architecture_names())
        hint = f"; near its name: {', '.join(near)}" if near else f"; there are: {', '.join(architecture_names())}"
        return None, f"no figures of {needs.model} are published here{hint}"
    if found.image_gmac is None and needs.sequence_length is None:
        return found, f"how long {found.name} takes depends on `sequence_length`, which is not said"
    return found, ""


def like(needs: Needs) -> Architecture | None:
    """Give the known architecture of a task whose number of parameters is nearest, within a factor of 1.5."""
    task = {"encoder": "encoder", "image-classification": "image-cls"}.get(needs.task or "")
    if task is None or needs.parameters_m is None:
        return None
    known = [made for name in architecture_names() if (made := architecture(name)) and made.task == task]
    wanted = needs.parameters_m
    near = sorted(known, key=lambda one: (max(one.parameters / wanted, wanted / one.parameters), one.name))
    best = near[0]
    return best if max(best.parameters / wanted, wanted / best.parameters) <= 1.5 else None


def figures(needs: Needs, model: Architecture, known: Iterable[Inference] | None = None) -> tuple[Figure, ...]:
    """Give every figure for a model, of each machine the published ones, else what the model of figures says."""
    length = None if model.image_gmac is not None else needs.sequence_length
    if model.image_gmac is None and length is None:
        return ()
    found: list[Figure] = []
    gflop = model.gflop(length) * needs.batch
    for stack, samples in stacks(perf.inference() if known is None else known, model.task).items():
        if not meets(stack.precision, needs.precision):
            continue
        exact = [one for one in samples if _is_about(one, model, length, needs.batch)]
        if exact:
            found += [_published(one) for one in exact]
        else:
            found.append(_modelled(predict(stack, samples, model, gflop, needs.batch), model, length, needs.batch))
    return tuple(found)


def best_of(found: Iterable[Figure]) -> dict[str, Figure]:
    """Give each machine's best figure: a published one before a modelled one, then by what it gets done."""
    ranked = sorted(found, key=lambda one: (one.basis != "published", -one.careful.per_second, one.words))
    best: dict[str, Figure] = {}
    for one in ranked:
        best.setdefault(one.instance, one)
    return best


def stated(name: str, duration_ms: float, slots: int = 1) -> Figure:
    """Make a figure of what the author said of the machine that the workload runs on."""
    words = "as the spec says: `duration_ms` in `expects=Traffic(…)`"
    per_second = 1000 * slots / duration_ms
    return Figure(name, duration_ms, duration_ms, slots, per_second, "stated", "", "", words, "", "the spec", 0.0)


def meets(precision: str, wanted: str | None) -> bool:
    """Say whether a figure's precision is at least what is needed; where a source says none, only if any will do."""
    if wanted is None:
        return True
    called, asked = _CALLED.get(precision), _CALLED[wanted]
    return called is not None and _PRECISIONS.index(called) >= _PRECISIONS.index(asked)


def _is_about(one: Sample, model: Architecture, length: int | None, batch: int) -> bool:
    """Say whether a figure answers without a model."""
    if one.model != model or (length is not None and one.figure.seq_len != length):
        return False
    return one.batch == batch


def _published(one: Sample) -> Figure:
    figure = one.figure
    tail = figure.p95_ms or figure.p99_ms or figure.p90_ms or figure.avg_ms
    words = [_BASES[figure.basis], figure.hardware, figure.framework]
    if figure.p95_ms is None and figure.p99_ms is not None:
        words.append("its p99 stands for p95")
    if tail is not None and tail == figure.avg_ms:
        words.append("no percentile was told: its average stands for p95")
    if tail is None:
        words.append("no latency was told: reckoned from throughput, one request at a time")
    if figure.note:
        words.append(figure.note)
    return Figure(
        instance=figure.instance or "",
        ms=one.ms,
        p95_ms=max(one.ms, tail or one.ms),
        lanes=one.lanes,
        per_second=(figure.throughput or 0.0) / one.batch,
        basis="published",
        framework=figure.framework,
        precision=figure.precision,
        words=", ".join(word for word in words if word),
        date=figure.date,
        source=figure.source,
    )


def _modelled(said: Prediction, model: Architecture, length: int | None, batch: int) -> Figure:
    near = said.nearest.figure
    about = f"{near.model}" + (f" at {near.seq_len} tokens" if near.seq_len else "") + f", batch {near.batch or 1}"
    wanted = f"{model.name}" + (f" at {length} tokens" if length else "") + f", batch {batch}"
    how = f"fitted to {said.figures} figures" if said.figures > 1 else "scaled by GFLOP from one figure"
    words = (
        f"modelled for {wanted}: {how} of {said.stack.framework or _BASES[near.basis]}, the nearest of {about};"
        f" nine in ten hidden figures took at most {said.error:.0%} longer than modelled"
    )
    return Figure(
        instance=said.stack.instance,
        ms=said.ms,
        p95_ms=said.ms * _tail(said.nearest),
        lanes=said.lanes,
        per_second=1000 * said.lanes / said.ms,
        basis="modelled",
        framework=said.stack.framework,
        precision=said.stack.precision,
        words=words,
        date=near.date,
        source=near.source,
        error=said.error,
    )


def _tail(one: Sample) -> float:
    tail = one.figure.p95_ms or one.figure.p99_ms or one.figure.p90_ms or one.ms
    return max(1.0, tail / one.ms)
