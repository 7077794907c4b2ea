"""Choices without machines: SageMaker's serverless endpoints, and Lambda. Both cost the time of requests.

Nobody publishes how long a known model takes on them, so the only figure there is, is the author's own `duration_ms`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from mlstage.catalog import limit
from mlstage.insight.advice.choice import Choice, per_million
from mlstage.insight.advice.figures import stated
from mlstage.insight.advice.wants import Wants
from mlstage.insight.cost.book import PriceBook
from mlstage.insight.cost.pricing import tiered
from mlstage.insight.facts import Traffic
from mlstage.insight.simulation import cold_starts

SERVERLESS: Final = "serverless endpoint"
LAMBDA: Final = "Lambda function"
COLD_SHARE: Final = 0.05
"""More cold starts than this, and the 95th percentile is one."""
_NO_FIGURE: Final = (
    "no data: how long the model takes there, nobody has published; measure it and say `duration_ms` in"
    " `expects=Traffic(…)`"
)
_ELSEWHERE: Final = (
    "no data: the spec's `duration_ms` is of {there}; how long the model takes here, nobody has published: measure it"
)
_NO_MEMORY: Final = "no data: how much memory it needs is not said; say `memory` in `needs=Needs(…)`"


def serving(wants: Wants, book: PriceBook) -> Iterator[Choice]:
    """Yield the two kinds."""
    yield _serverless(wants, book)
    yield _lambda(wants, book)


def _serverless(wants: Wants, book: PriceBook) -> Choice:
    made = Choice(SERVERLESS, "SageMakerServerless")
    known = _known(made, wants, limit("sagemaker.serverless.timeout_s").most)
    if isinstance(known, Choice):
        return known
    traffic, milliseconds, needed = known
    choices = [int(size) for size in limit("sagemaker.serverless.memory_choices_mb").choices if int(size) >= needed]
    if not choices:
        most = limit("sagemaker.serverless.memory_mb").most
        return replace(made, lost=(f"no memory: it needs {needed:,.0f} MB; an endpoint has at most {most:,} MB",))
    price = book.price("AmazonSageMaker", f"serverless-{choices[0]}", "Serverless")
    if price is None:
        return replace(made, lost=(f"no price of serverless endpoints is known in {wants.region}",))
    monthly = traffic.requests_per_month * milliseconds / 1000 * price.usd
    made = replace(made, instance=f"{choices[0]:,} MB", monthly=monthly, prices=(price,))
    return _timed(made, traffic, milliseconds, wants)


def _lambda(wants: Wants, book: PriceBook) -> Choice:
    made = Choice(LAMBDA, "Lambda")
    known = _known(made, wants, limit("lambda.timeout_s").most)
    if isinstance(known, Choice):
        return known
    traffic, milliseconds, needed = known
    most = limit("lambda.memory_mb").most
    if needed > most:
        return replace(made, lost=(f"no memory: it needs {needed:,.0f} MB, and a function has {most:,} MB",))
    largest = max(traffic.request_kb or 0.0, traffic.response_kb or 0.0)
    if largest > 1024 * limit("lambda.payload_mb.sync").most:
        return replace(made, lost=(f"a request or answer of {largest:,.0f} KB is more than a function takes",))
    requests = book.tiers("AWSLambda", "requests", "OnDemand")
    duration = book.tiers("AWSLambda", f"duration-{'arm64' if wants.arm else 'x86_64'}", "OnDemand")
    if not requests or not duration:
        return replace(made, lost=(f"no price of Lambda is known in {wants.region}",))
    used = traffic.requests_per_month * milliseconds / 1000 * needed / 1024
    monthly = tiered(traffic.requests_per_month, requests) + tiered(used, duration)
    made = replace(made, instance=f"{needed:,.0f} MB", monthly=monthly, prices=(*duration[:1], *requests[:1]))
    return _timed(made, traffic, milliseconds, wants)


def _known(made: Choice, wants: Wants, timeout: int) -> Choice | tuple[Traffic, float, float]:
    """Give traffic, duration and memory, or the choice with what stands against it.

    A spec's `duration_ms` holds at the memory that the spec gives: less of it is less CPU, and slower.
    """
    if wants.traffic is None or wants.traffic.duration_ms is None:
        return replace(made, lost=(_NO_FIGURE,))
    if wants.environment and wants.target != made.target:
        return replace(made, lost=(_ELSEWHERE.format(there=wants.instance or wants.target),))
    needed = wants.measured_mb if wants.environment else wants.memory_mb
    if needed is None:
        return replace(made, lost=(_NO_MEMORY,))
    if wants.memory_mb is not None and wants.memory_mb > needed:
        lost = f"no memory: it needs {wants.memory_mb:,.0f} MB, and is written to have {needed:,.0f} MB"
        return replace(made, lost=(lost,))
    if wants.traffic.duration_ms > 1000 * timeout:
        return replace(made, lost=(f"a request takes longer than the {timeout} s that it may",))
    return wants.traffic, wants.traffic.duration_ms, max(needed, 128.0)


def _timed(made: Choice, traffic: Traffic, milliseconds: float, wants: Wants) -> Choice:
    """Add what is known of the time: the author's own figure, and how many requests meet a cold start."""
    cold = cold_starts(traffic, milliseconds / 1000)
    figure = stated("", milliseconds)
    made = replace(
        made,
        figure=figure,
        p95_ms=milliseconds,
        per_million=None if made.monthly is None else per_million(made.monthly, traffic),
    )
    lost = []
    if wants.p95_ms is not None and milliseconds > wants.p95_ms:
        lost.append(f"fails the latency: {milliseconds:g} ms by the spec's own `duration_ms`")
    if cold > COLD_SHARE and wants.p95_ms is not None:
        lost.append(f"fails the latency: {cold:.0%} of the requests start cold, which takes seconds")
    condition = f"`duration_ms` measured there, at this memory; {cold:.1%} of the requests start cold"
    return replace(made, lost=tuple(lost), conditions=(condition,))
