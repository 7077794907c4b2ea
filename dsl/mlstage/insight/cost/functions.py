"""Lambda functions: requests, the time they take, places kept warm, and storage above what is included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from mlstage.catalog.limits import limit
from mlstage.graph import Graph, Resource
from mlstage.insight.calendar import HOURS_A_MONTH
from mlstage.insight.cost.model import NOTHING, Amount, Line
from mlstage.insight.cost.pricing import (
    Context,
    Pricers,
    at_price,
    by_tiers,
    count_words,
    counted,
    no_price,
    number,
    prop,
    unpriced,
    usage,
)
from mlstage.insight.cost.warm import beyond
from mlstage.insight.facts import Traffic, runs_of, traffic_of
from mlstage.insight.simulation import Service
from mlstage.rules.views.links import Pointers
from mlstage.rules.views.once import once

FUNCTION: Final = "aws.lambda_.Function"
PROVISIONED: Final = "aws.lambda_.ProvisionedConcurrencyConfig"
_SERVICE: Final = "AWSLambda"
_SECONDS_A_MONTH: Final = HOURS_A_MONTH * 3600
_DIMENSION: Final = "lambda:function:ProvisionedConcurrency"


def function(resource: Resource, context: Context) -> Iterator[Line]:
    """Price a function by what it is expected to be asked."""
    memory = counted(prop(resource, "memory_size"), 128.0)  # AWS's own default
    if memory is None:
        yield unpriced(resource, "time of requests", "how much memory it has is not known")
        return
    arch = "arm64" if "arm64" in [one.text for one in prop(resource, "architectures").items()] else "x86_64"
    warm = _warm(resource, context)
    places = NOTHING
    if warm is not None:
        places, note, assumed = warm
        price = context.book.price(_SERVICE, f"concurrency-{arch}", "Provisioned")
        what = f"{count_words(places)} places of {memory:g} MB kept warm"
        yield at_price(resource, what, places * (memory / 1024 * _SECONDS_A_MONTH), price, note, assumed)
    invocations, seconds = _asked(resource, context)
    requests = context.book.tiers(_SERVICE, "requests", "OnDemand")
    if invocations is None:
        kind = "Provisioned" if places.high else "OnDemand"
        duration = context.book.price(_SERVICE, f"duration-{arch}", kind)
        note = "needs `expects=Traffic(requests_per_month=…, duration_ms=…)`"
        yield usage(resource, "requests", requests[0] if requests else None, note)
        yield usage(resource, f"time at {memory:g} MB", duration, note)
        return
    # What is asked by the clock is asked in any case.
    least = 0.0 if traffic_of(context.graph, resource.workload) else invocations
    asked = Amount(least, invocations, invocations)
    if requests:
        yield by_tiers(resource, "requests", asked, requests)
    else:
        yield unpriced(resource, "requests", no_price("Lambda's requests", context))
    yield from _time(resource, asked, seconds, memory, places, context, arch)


def _time(
    resource: Resource,
    asked: Amount,
    seconds: float | None,
    memory: float,
    warm: Amount,
    context: Context,
    arch: str,
) -> Iterator[Line]:
    """Price the time of requests: of those that find a place kept warm at one price, of the others at another."""
    tiers = context.book.tiers(_SERVICE, f"duration-{arch}", "OnDemand")
    kept = context.book.tiers(_SERVICE, f"duration-{arch}", "Provisioned") if warm.high else tiers
    if not tiers or not kept:
        yield unpriced(resource, f"time at {memory:g} MB", no_price(f"Lambda on {arch}", context))
        return
    if seconds is None:
        note = "how long a request takes needs `duration_ms` in `expects=Traffic(…)`"
        yield usage(resource, f"time at {memory:g} MB", kept[0], note)
        return
    most = number(prop(resource, "reserved_concurrent_executions"))
    traffic = traffic_of(context.graph, resource.workload)
    used = asked * seconds
    if traffic is None and (longest := number(prop(resource, "timeout"))) is not None:
        used = replace(used, high=max(used.high, asked.high * longest))
    spilt = beyond(traffic, seconds, warm) if traffic is not None and warm.high else NOTHING
    inside, outside = _divided(used, spilt, warm, most)
    words = f"{seconds * 1000:g} ms at {memory:g} MB each"
    if used.high > used.expected:
        words += f", at the most {used.high / asked.high:g} s"
    if most:
        words += f"; at the most {most:g} at once, all the time"
    gigabytes = memory / 1024
    yield by_tiers(resource, "time of requests", inside * gigabytes, kept, words)
    if outside.high > 0:
        yield by_tiers(resource, "time of requests beyond the places kept warm", outside * gigabytes, tiers, words)
    yield from _storage(resource, used, context)


def _divided(used: Amount, spilt: Amount, warm: Amount, most: float | None) -> tuple[Amount, Amount]:
    """Divide the seconds of requests into those in places kept warm, and the others; `most` may run at once."""
    inside = Amount(used.low, used.expected * (1 - spilt.expected), used.high * (1 - spilt.high))
    outside = Amount(0.0, used.expected * spilt.expected, used.high * spilt.high)
    if most:
        inside = replace(inside, high=max(inside.high, min(most, warm.high or most) * _SECONDS_A_MONTH))
    if most and warm.high:
        outside = replace(outside, high=max(outside.high, (most - warm.high) * _SECONDS_A_MONTH))
    return inside, outside


def _storage(resource: Resource, time: Amount, context: Context) -> Iterator[Line]:
    """Price `/tmp` above what every function has."""
    included = limit("lambda.tmp_mb").least
    size = number(prop(resource, "ephemeral_storage")["size"]) or float(included)
    if size > included:
        price = context.book.price(_SERVICE, "ephemeral-storage", "OnDemand")
        yield at_price(resource, f"/tmp of {size:g} MB", time * ((size - included) / 1024), price)


def _asked(resource: Resource, context: Context) -> tuple[float | None, float | None]:
    """Give invocations a month and seconds of each, from the traffic or from the schedule that starts it."""
    traffic = traffic_of(context.graph, resource.workload)
    if traffic is not None:
        return traffic.requests_per_month, None if traffic.duration_ms is None else traffic.duration_ms / 1000
    runs, _ = context.starts.runs(resource)
    said = runs_of(context.graph, resource.workload)
    return runs, None if said is None else said.seconds


@once
def kept_warm(graph: Graph) -> Pointers:
    """Give what keeps places of functions warm, by function."""
    return Pointers(graph.of(PROVISIONED), "function_name")


def _warm(resource: Resource, context: Context) -> tuple[Amount, str, bool] | None:
    traffic: Traffic | None = traffic_of(context.graph, resource.workload)
    seconds = traffic.duration_ms / 1000 if traffic and traffic.duration_ms else None
    for config in kept_warm(context.graph).to(resource)[:1]:
        count = number(prop(config, "provisioned_concurrent_executions")) or 0.0
        bounds = context.scaling.bounds(resource, count, dimension=_DIMENSION)
        return bounds.amount(traffic, Service(seconds))
    bounds = context.scaling.bounds(resource, 0.0, dimension=_DIMENSION)
    return bounds.amount(traffic, Service(seconds)) if bounds.high else None


PRICERS: Pricers = {FUNCTION: function}
