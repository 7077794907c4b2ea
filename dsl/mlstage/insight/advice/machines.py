"""Choices that are machines: SageMaker's endpoints and batch transform, services on ECS, deployments on EKS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from mlstage.catalog import instance
from mlstage.catalog.instances import Instance
from mlstage.catalog.models import Architecture
from mlstage.catalog.prices import Price
from mlstage.insight.advice.choice import Choice, monthly_of, per_million, size
from mlstage.insight.advice.figures import Figure
from mlstage.insight.advice.wants import PRODUCTION, Wants
from mlstage.insight.calendar import HOURS_A_MONTH
from mlstage.insight.cost.book import PriceBook

REALTIME: Final = "real-time endpoint"
ASYNC: Final = "asynchronous endpoint"
BATCH: Final = "batch transform"
ECS: Final = "ECS service"
EKS: Final = "EKS deployment"

_BYTES: Final = {"fp32": 4, "fp16": 2, "bf16": 2, "amp": 4, "int8": 1}
# Beside its weights a model holds what it is working on; ours, for batches of a few items.
_ROOM: Final = 1.5
_MIB: Final = 1024.0 * 1024.0


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of serving on machines: whose price it is, and what stands around the machines."""

    name: str
    target: str
    service: str
    component: str
    use: str
    """The use of SageMaker that has to take the type; empty for EC2's machines."""
    around: tuple[tuple[str, str, str], ...] = ()
    """Prices an hour of what it cannot be without."""


KINDS: Final = (
    Kind(REALTIME, "SageMaker", "AmazonSageMaker", "Hosting", "hosting"),
    Kind(ECS, "Ecs", "AmazonEC2", "OnDemand", "", (("AWSELB", "application", "Hours"),)),
    Kind(
        EKS,
        "Eks",
        "AmazonEC2",
        "OnDemand",
        "",
        (("AWSELB", "application", "Hours"), ("AmazonEKS", "cluster", "Standard")),
    ),
)
_ASYNC: Final = Kind(ASYNC, "SageMaker", "AmazonSageMaker", "Hosting", "hosting")
_BATCH: Final = Kind(BATCH, "SageMaker", "AmazonSageMaker", "BatchTransform", "transform")


def serving(figure: Figure, model: Architecture, wants: Wants, book: PriceBook) -> Iterator[Choice]:
    """Yield every kind of serving on the machine of a figure."""
    for kind in KINDS:
        yield _choice(kind, figure, model, wants, book, wants.least)
    late = f"answers when there is room, not within {wants.p95_ms:g} ms" if wants.p95_ms is not None else ""
    waiting = replace(wants, p95_ms=None)
    queued = _choice(_ASYNC, figure, model, waiting, book, 0)
    yield replace(queued, p95_ms=None, lost=(late, *queued.lost) if late else queued.lost)
    yield _transform(figure, model, wants, book, late)


def of_figure(figure: Figure, wants: Wants, book: PriceBook) -> Iterator[Choice]:
    """Yield the kinds that answer at once, for a figure that is about no known model."""
    for kind in KINDS:
        yield _choice(kind, figure, None, wants, book, wants.least)


def troubles(name: str, kind: Kind, wants: Wants) -> tuple[list[str], list[str]]:
    """Say why a machine cannot be taken, and what it asks for, whatever it gets done."""
    machine = instance(name)
    if machine is None:
        return [f"{name} is no type that is known"], []
    lost, conditions = [], []
    if kind.use and kind.use not in machine.uses:
        lost.append(f"SageMaker does not offer it for {kind.use}")
    if machine.lifecycle is not None:
        lost.append(f"{machine.lifecycle.state}: {machine.lifecycle.reason} (since {machine.lifecycle.since})")
    elif machine.offered_in(wants.region) is False:
        lost.append(f"EC2 does not offer it in {wants.region}")
    if machine.burstable and wants.tier == PRODUCTION:
        lost.append("burstable: its CPU is held back when its credits are spent; for tests only")
    if machine.accelerator is not None and machine.accelerator.kind == "neuron":
        if wants.compiled_for not in (None, machine.family):
            lost.append(f"no compiled model: it is compiled for {wants.compiled_for}, not for {machine.family}")
        elif wants.compiled_for is None:
            conditions.append(f"the model compiled for {machine.family} with AWS Neuron")
    return lost, conditions


def memory_trouble(machine: Instance, figure: Figure, model: Architecture | None, wants: Wants) -> str:
    """Say that the model does not fit; empty where it does, or where nobody knows its size."""
    needed = wants.memory_mb
    if needed is None and model is not None:
        width = _BYTES.get(figure.precision.partition(" ")[0].lower(), 4)
        needed = model.parameters * 1e6 * width / _MIB * _ROOM
    held = machine.accelerator.memory_mib if machine.accelerator else machine.memory_mib
    if needed is None or needed <= held:
        return ""
    return f"no memory: the model takes {needed:,.0f} MB, the machine has {held:,} MB"


def _choice(
    kind: Kind, figure: Figure, model: Architecture | None, wants: Wants, book: PriceBook, least: int
) -> Choice:
    name = f"ml.{figure.instance}" if kind.use else figure.instance
    made = Choice(kind.name, kind.target, name, figure=figure)
    machine = instance(name)
    if machine is None:
        return replace(made, lost=(f"SageMaker has no {name}",))
    lost, conditions = troubles(name, kind, wants)
    if trouble := memory_trouble(machine, figure, model, wants):
        lost.append(trouble)
    sized = size(figure, wants.traffic, wants.p95_ms, least)
    if sized is None:
        alone = figure.careful.p95_ms
        margin = f", with {figure.error:.0%} of error counted against it" if figure.error else ""
        late = f"fails the latency: {alone:,.0f} ms at p95 even alone{margin}"
        return replace(made, p95_ms=alone, lost=(late, *lost), conditions=tuple(conditions))
    if wants.traffic is None and not sized.most:
        asks = "nobody says how much it is asked, and that is what it costs by: `expects=Traffic(…)`"
        return replace(made, conditions=(*conditions, asks), lost=tuple(lost))
    made = replace(
        made,
        least=sized.least,
        most=sized.most,
        average=sized.average,
        p95_ms=sized.p95_ms,
        busy=sized.busy,
        per_machine=sized.per_machine,
        conditions=tuple(conditions),
    )
    return _priced(made, kind, lost, wants, book)


def _priced(made: Choice, kind: Kind, lost: list[str], wants: Wants, book: PriceBook) -> Choice:
    price = book.price(kind.service, made.instance, kind.component)
    around = [book.price(*key) for key in kind.around]
    if price is None or None in around:
        what = made.instance if price is None else "what stands around the machines"
        return replace(made, lost=(*lost, f"no price of {what} is known in {wants.region}"))
    others: list[Price] = [one for one in around if one is not None]
    monthly = monthly_of(price, made.average) + sum(one.usd for one in others) * HOURS_A_MONTH
    return replace(
        made,
        monthly=monthly,
        per_million=per_million(monthly, wants.traffic),
        prices=(price, *others),
        lost=tuple(lost),
    )


def _transform(figure: Figure, model: Architecture, wants: Wants, book: PriceBook, late: str) -> Choice:
    """Reckon one machine that works through a month's requests at one go."""
    name = f"ml.{figure.instance}"
    made = Choice(BATCH, "SageMaker", name, figure=figure)
    machine, price = instance(name), book.price("AmazonSageMaker", name, "BatchTransform")
    lost, conditions = troubles(name, _BATCH, wants)
    if late:
        lost.insert(0, late)
    if machine is not None and (trouble := memory_trouble(machine, figure, model, wants)):
        lost.append(trouble)
    if price is None:
        if machine is not None and _BATCH.use in machine.uses:
            lost.append(f"no price of {name} is known in {wants.region}")
        return replace(made, lost=tuple(lost), conditions=tuple(conditions))
    asked = wants.traffic.requests_per_month if wants.traffic else 0.0
    hours = asked / figure.careful.per_second / 3600
    machines = max(1, -(-int(hours) // int(HOURS_A_MONTH))) if asked else 0
    monthly = hours * price.usd if asked else None
    return replace(
        made,
        least=machines,
        most=machines,
        average=hours / HOURS_A_MONTH,
        busy=1.0 if asked else None,
        monthly=monthly,
        per_million=None if monthly is None else per_million(monthly, wants.traffic),
        prices=(price,),
        lost=tuple(lost),
        conditions=tuple(conditions),
    )
