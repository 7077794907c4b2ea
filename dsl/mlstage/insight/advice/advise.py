"""The advice for one workload: every choice that there are figures for, ranked, and what nobody has published."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from mlstage.catalog import instance
from mlstage.catalog.instances import Instance, Use, instance_names
from mlstage.catalog.perf import Inference
from mlstage.insight.advice import functions, jobs, machines, training
from mlstage.insight.advice.choice import Choice, ranked
from mlstage.insight.advice.figures import Figure, best_of, figures, stated, subject
from mlstage.insight.advice.wants import SERVING, Wants
from mlstage.insight.cost.book import PriceBook

_CORES = 16


@dataclass(frozen=True, slots=True)
class Advice:
    """What is advised for one workload."""

    wants: Wants
    choices: tuple[Choice, ...]
    """What fits first, the cheapest before the others."""
    gaps: tuple[str, ...] = ()
    """What is not known, in sentences."""
    others: tuple[Figure, ...] = field(default=())
    """Figures of the same machines that were not the best."""
    subject: str = ""
    """The architecture that the figures are about."""

    @property
    def best(self) -> Choice | None:
        """The cheapest that fits on the target that the workload is written for."""
        return next((one for one in self.own if one.fits), None)

    @property
    def own(self) -> tuple[Choice, ...]:
        """The choices on the workload's own target; of SageMaker, those without machines as well."""
        return tuple(one for one in self.choices if one.target.removesuffix("Serverless") == self._target)

    @property
    def elsewhere(self) -> tuple[Choice, ...]:
        """The choices on other targets."""
        return tuple(one for one in self.choices if one.target.removesuffix("Serverless") != self._target)

    @property
    def current(self) -> Choice | None:
        """What it is written to run on, if there are figures for it."""
        return next((one for one in self.own if one.instance and one.instance == self.wants.instance), None)

    @property
    def _target(self) -> str:
        return self.wants.target.removesuffix("Serverless")


def advise(wants: Wants, book: PriceBook, known: Iterable[Inference] | None = None) -> Advice:
    """Advise on one workload; `known` replaces the catalogue's figures of inference."""
    if wants.needs is None and not (wants.traffic and wants.traffic.duration_ms):
        return Advice(wants, (), ("it says nothing of what it needs: `needs=Needs(model=…)`",))
    if wants.kind == "Training":
        return _with(wants, training.choices(wants, book))
    if wants.kind == "Processing":
        return _with(wants, jobs.by_price(wants, book))
    model, why = subject(wants.needs) if wants.needs else (None, "the spec names no model")
    found = figures(wants.needs, model, known) if wants.needs and model and not why else ()
    gaps = [f"no data: {why}"] if why else []
    if wants.kind == "BatchInference":
        made = jobs.transform(wants, best_of(found), model, book)
        return _finish(wants, made, gaps, found, model.name if model else "")
    best = best_of(found)
    choices: list[Choice] = []
    if model is not None:
        choices += [one for figure in best.values() for one in machines.serving(figure, model, wants, book)]
    if not best:
        choices += _stated(wants, book, gaps)
    if wants.kind in SERVING:
        choices += functions.serving(wants, book)
    return _finish(wants, choices, gaps, found, model.name if model else "")


def _finish(wants: Wants, choices: list[Choice], gaps: list[str], found: Iterable[Figure], about: str) -> Advice:
    best = {id(one.figure) for one in choices}
    others = tuple(one for one in found if id(one) not in best)
    kept = _telling(choices, wants)
    covered = {one.instance.removeprefix("ml.").partition(".")[0] for one in kept if one.figure}
    gaps = [*gaps, *_families(covered, wants)]
    return Advice(wants, tuple(ranked(kept)), tuple(gaps), others, about)


def _with(wants: Wants, said: tuple[list[Choice], list[str], str]) -> Advice:
    choices, gaps, about = said
    return Advice(wants, tuple(ranked(choices)), tuple(gaps), subject=about)


def _telling(choices: list[Choice], wants: Wants) -> list[Choice]:
    """Of the kinds that answer too late whatever they run on, keep the cheapest: the others say nothing more."""
    if wants.p95_ms is None:
        return choices
    late = {machines.ASYNC, machines.BATCH}
    first = {kind: ranked([one for one in choices if one.kind == kind])[:1] for kind in late}
    return [one for one in choices if one.kind not in late or one in first[one.kind]]


def _stated(wants: Wants, book: PriceBook, gaps: list[str]) -> list[Choice]:
    """Start from the author's own `duration_ms` where nothing is published."""
    here = instance(wants.instance) if wants.instance else None
    duration = wants.traffic.duration_ms if wants.traffic else None
    if here is None or duration is None or here.accelerator is not None:
        if duration is None:
            gaps.append("measure one request and say `duration_ms` in `expects=Traffic(…)`: advice can start from that")
        return []
    gaps.append(
        f"figures start from the spec's own {duration:g} ms on {here.name}: one request to a vCPU, and a vCPU as quick"
        " as there; of other families nobody measured that, so its error is not known"
    )
    return [one for machine in _cpu_types(here) for one in _on(machine, here, duration, wants, book)]


def _on(machine: Instance, here: Instance, duration: float, wants: Wants, book: PriceBook) -> list[Choice]:
    figure = stated(machine.ec2_name, duration, machine.vcpu)
    if machine.name != here.name:
        words = f"{figure.words}, carried over from {here.name} vCPU by vCPU"
        figure = replace(figure, basis="modelled", words=words, error=0.0 if machine.family == here.family else None)
    return list(machines.of_figure(figure, wants, book))


def _cpu_types(here: Instance) -> list[Instance]:
    """Give the types without accelerators that may serve: those of its size class and below, of its architecture."""
    found = []
    for name in instance_names("hosting"):
        machine = instance(name)
        if machine is None or machine.accelerator is not None or machine.arch != here.arch:
            continue
        if machine.name == here.name or machine.vcpu <= min(here.vcpu, _CORES):
            found.append(machine)
    return found


def _families(covered: set[str], wants: Wants) -> list[str]:
    """Name the families that could serve and have no figure."""
    use: Use = "transform" if wants.kind == "BatchInference" else "hosting"
    without = {
        machine.family
        for name in instance_names(use)
        if (machine := instance(name)) and machine.lifecycle is None and machine.offered_in(wants.region) is not False
    } - covered
    if not covered or not without:
        return []
    return [f"no data: no figure of this model is published here for {', '.join(sorted(without))}"]
