"""AWS Batch: the machines or the Fargate capacity behind a queue, paid while jobs run on them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.catalog.instances import instance
from mlstage.graph import Resource
from mlstage.insight.calendar import HOURS_A_MONTH
from mlstage.insight.cost import machines
from mlstage.insight.cost.containers import starts
from mlstage.insight.cost.model import Amount, Line
from mlstage.insight.cost.pricing import Context, Pricers, number, prop, usage
from mlstage.insight.facts import runs_of
from mlstage.rules.truth import Field
from mlstage.rules.views.links import follow

_ENVIRONMENT: Final = "aws.batch.ComputeEnvironment"
_QUEUE: Final = "aws.batch.JobQueue"


def environment(resource: Resource, context: Context) -> Iterator[Line]:
    """Price a compute environment: by its runs where the author says them, else between nothing and its maximum."""
    found = prop(resource, "compute_resources")
    kind = found["type"].text or ""
    if kind.startswith("FARGATE"):
        for part, unit in (("vcpu", "vCPU"), ("memory", "GB")):
            price = context.book.price("AmazonECS", f"fargate-{part}-x86_64", "OnDemand")
            note = "at the most on demand" if kind == "FARGATE_SPOT" else ""
            yield usage(resource, f"each {unit} on Fargate while jobs run", price, note)
        return
    name = next((one.text for one in found["instance_types"].items()), None)
    counts, note, assumed = _counts(resource, found, name, context)
    yield from machines.hours(resource, name, counts, context, spot=kind == "SPOT", note=note, assumed=assumed)


def _counts(resource: Resource, found: Field, name: str | None, context: Context) -> tuple[Amount, str, bool]:
    facts, vcpus = instance(name) if name else None, number(found["max_vcpus"])
    most = vcpus / facts.vcpu if facts and vcpus else 1.0
    if not _comes_first(resource, context):
        return Amount(0.0, 0.0, most), "only when those before it in its queue have no room", True
    said, runs = runs_of(context.graph, resource.workload), starts(resource, context)
    if said is None or runs is None:
        return Amount(0.0, 0.0, most), "only while its jobs run: no `expects=Runs(…)` says how long", True
    share = said.seconds / 3600 * runs * most / HOURS_A_MONTH
    note = f"{runs:.4g} runs a month of {said.seconds / 3600:.4g} h each, on {most:g} machines"
    return Amount.exactly(share), note, False


def _comes_first(resource: Resource, context: Context) -> bool:
    """Say whether a queue tries this environment before others; one without a queue stands alone."""
    for queue in context.graph.of(_QUEUE):
        orders = sorted(prop(queue, "compute_environment_orders").items(), key=lambda one: number(one["order"]) or 0.0)
        places = [follow(context.graph, one["compute_environment"], _ENVIRONMENT).resources for one in orders]
        if any(resource in found for found in places):
            return resource in places[0]
    return True


PRICERS: Pricers = {_ENVIRONMENT: environment}
