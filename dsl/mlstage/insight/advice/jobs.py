"""Choices for jobs that infer or prepare data: by figures where there are any, else by price and memory alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from mlstage.catalog import instance
from mlstage.catalog.instances import Instance, instance_names
from mlstage.catalog.models import Architecture
from mlstage.insight.advice.choice import MILLION, Choice
from mlstage.insight.advice.figures import Figure
from mlstage.insight.advice.machines import BATCH, Kind, memory_trouble, troubles
from mlstage.insight.advice.wants import Wants
from mlstage.insight.cost.book import PriceBook
from mlstage.insight.simulation import START_MINUTES

PROCESSING: Final = "processing job"
_TRANSFORM: Final = Kind(BATCH, "SageMaker", "AmazonSageMaker", "BatchTransform", "transform")
_PROCESS: Final = Kind(PROCESSING, "SageMaker", "AmazonSageMaker", "Processing", "processing")
_SHOWN: Final = 5


def transform(wants: Wants, best: dict[str, Figure], model: Architecture | None, book: PriceBook) -> list[Choice]:
    """Reckon a batch transform on each machine with a figure: what a run of so many items costs."""
    items = wants.needs.items if wants.needs else None
    return [_run(figure, items, model, wants, book) for figure in best.values()]


def _run(figure: Figure, items: int | None, model: Architecture | None, wants: Wants, book: PriceBook) -> Choice:
    name = f"ml.{figure.instance}"
    made = Choice(BATCH, "SageMaker", name, figure=figure)
    lost, conditions = troubles(name, _TRANSFORM, wants)
    machine, price = instance(name), book.price("AmazonSageMaker", name, "BatchTransform")
    if machine is not None and (trouble := memory_trouble(machine, figure, model, wants)):
        lost.append(trouble)
    if price is None:
        if machine is not None and _TRANSFORM.use in machine.uses:
            lost.append(f"no price of {name} is known in {wants.region}")
        return replace(made, lost=tuple(lost), conditions=tuple(conditions))
    seconds = 1 / figure.careful.per_second
    runs = wants.runs_per_month
    hours = items * seconds / 3600 + START_MINUTES / 60 if items else None
    if hours is not None:
        conditions.append(f"{hours:.3g} h a run on one machine, {START_MINUTES} minutes of start included")
    return replace(
        made,
        least=1,
        most=1,
        monthly=None if hours is None or runs is None else hours * runs * price.usd,
        per_million=seconds * MILLION / 3600 * price.usd,
        prices=(price,),
        lost=tuple(lost),
        conditions=tuple(conditions),
    )


def by_price(wants: Wants, book: PriceBook) -> tuple[list[Choice], list[str], str]:
    """Rank machines for preparing data by what they cost a core and hour, as far as they hold what is needed."""
    gaps = ["no data: how long preparing data takes depends on the code; ranked by the price of a core, memory given"]
    needed = wants.memory_mb
    if needed is None:
        gaps.append("how much memory it needs is not said: `memory` in `needs=Needs(…)`")
    found = []
    for name in instance_names("processing"):
        machine = instance(name)
        if machine is not None and machine.accelerator is None and machine.memory_mib >= (needed or 0):
            found.append(_plain(machine, wants, book))
    priced = [one for one in found if one.monthly is not None or one.prices]
    priced.sort(key=lambda one: (not one.fits, one.prices[0].usd / _cores(one), one.prices[0].usd, one.instance))
    kept = [one for one in priced if one.fits][:_SHOWN] + [one for one in priced if one.instance == wants.instance]
    return list({one.instance: one for one in kept}.values()), gaps, ""


def _plain(machine: Instance, wants: Wants, book: PriceBook) -> Choice:
    lost, conditions = troubles(machine.name, _PROCESS, wants)
    price = book.price("AmazonSageMaker", machine.name, "Processing")
    made = Choice(PROCESSING, "SageMaker", machine.name, least=1, most=1, lost=tuple(lost))
    if price is None:
        return replace(made, lost=(*lost, f"no price of {machine.name} is known in {wants.region}"))
    hours, runs = (wants.runs.seconds / 3600 if wants.runs else None), wants.runs_per_month
    conditions.append(
        f"{machine.vcpu} vCPU, {machine.memory_gib:g} GB: ${price.usd / machine.vcpu:.4f} a core and hour"
    )
    monthly = hours * runs * price.usd if hours and runs else None
    return replace(made, monthly=monthly, prices=(price,), conditions=tuple(conditions))


def _cores(one: Choice) -> int:
    machine = instance(one.instance)
    return machine.vcpu if machine else 1
