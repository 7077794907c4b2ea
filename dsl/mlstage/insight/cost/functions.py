"""Lambda functions: requests, the time they take, places kept warm, and storage above what is included."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.catalog.limits import limit
from mlstage.graph import Resource
from mlstage.insight.calendar import HOURS_A_MONTH
from mlstage.insight.cost.model import NOTHING, Amount, Line
from mlstage.insight.cost.pricing import (
    Context,
    Pricers,
    at_price,
    by_tiers,
    count_words,
    no_price,
    number,
    prop,
    unpriced,
    usage,
)
from mlstage.insight.cost.schedules import monthly_runs
from mlstage.insight.facts import Traffic, runs_of, traffic_of
from mlstage.insight.simulation import Service
from mlstage.rules.truth import field
from mlstage.rules.views.links import follow

FUNCTION: Final = "aws.lambda_.Function"
PROVISIONED: Final = "aws.lambda_.ProvisionedConcurrencyConfig"
_SERVICE: Final = "AWSLambda"
_SECONDS_A_MONTH: Final = HOURS_A_MONTH * 3600
_DIMENSION: Final = "lambda:function:ProvisionedConcurrency"


def function(resource: Resource, context: Context) -> Iterator[Line]:
    """Price a function by what it is expected to be asked."""
    arch = "arm64" if "arm64" in [one.text for one in prop(resource, "architectures").items()] else "x86_64"
    memory = number(prop(resource, "memory_size")) or 128.0  # AWS's own default
    warm = _warm(resource, context)
    places = NOTHING
    if warm is not None:
        places, note, assumed = warm
        price = context.book.price(_SERVICE, f"concurrency-{arch}", "Provisioned")
        what = f"{count_words(places)} places of {memory:g} MB kept warm"
        yield at_price(resource, what, places * (memory / 1024 * _SECONDS_A_MONTH), price, note, assumed)
    invocations, seconds = _asked(resource, context)
    requests = context.book.tiers(_SERVICE, "requests", "OnDemand")
    kind = "Provisioned" if places.high else "OnDemand"
    duration = context.book.tiers(_SERVICE, f"duration-{arch}", kind)
    if invocations is None:
        note = "needs `expects=Traffic(requests_per_month=…, duration_ms=…)`"
        yield usage(resource, "requests", requests[0] if requests else None, note)
        yield usage(resource, f"time at {memory:g} MB", duration[0] if duration else None, note)
        return
    asked = Amount(0.0, invocations, invocations)
    if requests:
        yield by_tiers(resource, "requests", asked, requests)
    else:
        yield unpriced(resource, "requests", no_price("Lambda's requests", context))
    yield from _time(resource, asked, seconds, memory, kind, context, arch)


def _time(
    resource: Resource,
    asked: Amount,
    seconds: float | None,
    memory: float,
    kind: str,
    context: Context,
    arch: str,
) -> Iterator[Line]:
    tiers = context.book.tiers(_SERVICE, f"duration-{arch}", kind)
    if not tiers:
        yield unpriced(resource, f"time at {memory:g} MB", no_price(f"Lambda on {arch}", context))
        return
    if seconds is None:
        note = "how long a request takes needs `duration_ms` in `expects=Traffic(…)`"
        yield usage(resource, f"time at {memory:g} MB", tiers[0], note)
        return
    used = asked * (seconds * memory / 1024)
    most = number(prop(resource, "reserved_concurrent_executions"))
    words = f"{seconds * 1000:g} ms at {memory:g} MB each"
    if most is not None and most > 0:
        used = Amount(used.low, used.expected, max(used.expected, most * memory / 1024 * _SECONDS_A_MONTH))
        words += f"; at the most {most:g} at once, all the time"
    yield by_tiers(resource, "time of requests", used, tiers, words)
    yield from _storage(resource, asked * seconds, context)


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
    runs, _ = monthly_runs(context.graph, resource)
    said = runs_of(context.graph, resource.workload)
    if said is not None and said.per_month is not None and runs is None:
        runs = said.per_month
    return runs, None if said is None else said.seconds


def _warm(resource: Resource, context: Context) -> tuple[Amount, str, bool] | None:
    traffic: Traffic | None = traffic_of(context.graph, resource.workload)
    seconds = traffic.duration_ms / 1000 if traffic and traffic.duration_ms else None
    for config in context.graph.of(PROVISIONED):
        if resource in follow(context.graph, field(config, "function_name"), FUNCTION).resources:
            count = number(prop(config, "provisioned_concurrent_executions")) or 0.0
            bounds = context.scaling.bounds(resource, count, dimension=_DIMENSION)
            return bounds.amount(traffic, Service(seconds))
    bounds = context.scaling.bounds(resource, 0.0, dimension=_DIMENSION)
    return bounds.amount(traffic, Service(seconds)) if bounds.high else None


PRICERS: Pricers = {FUNCTION: function}
