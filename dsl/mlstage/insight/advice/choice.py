"""One choice: how many of what, how quick, how busy, what it costs, and why it lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mlstage.catalog.prices import Price
from mlstage.insight.advice.figures import Figure
from mlstage.insight.calendar import HOURS_A_MONTH
from mlstage.insight.facts import HOURS_A_DAY, Traffic
from mlstage.insight.queueing import machines_for, most_load, sojourn_quantile

BUSIEST: Final = 0.7
"""Ours: the share of its time that a machine may be busy in the busiest hour, so that there is room for what comes at
once, and for the minutes until another one has started."""
MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice. What nobody knows is None; `lost` says why it is not to be taken, `conditions` what it asks for."""

    kind: str
    target: str
    instance: str = ""
    least: int = 0
    most: int = 0
    average: float = 0.0
    """Machines on average over a day."""
    p95_ms: float | None = None
    busy: float | None = None
    monthly: float | None = None
    per_million: float | None = None
    figure: Figure | None = None
    prices: tuple[Price, ...] = ()
    per_machine: float | None = None
    """Requests a second that one machine takes within the target."""
    conditions: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether it does what is needed."""
        return not self.lost

    @property
    def name(self) -> str:
        """Name it: `2 to 4 x ml.inf2.xlarge`, or the kind where there is no machine."""
        if not self.instance or not self.most:
            return self.instance or self.kind
        count = f"{self.least}" if self.least == self.most else f"{self.least} to {self.most}"
        return f"{count} x {self.instance}"


@dataclass(frozen=True, slots=True)
class Size:
    """How many machines a day takes."""

    least: int
    most: int
    average: float
    per_machine: float
    p95_ms: float
    busy: float | None


def per_machine(figure: Figure, p95_ms: float | None) -> float:
    """Give the requests a second that one machine takes within a latency; 0 where it is too slow even when idle."""
    careful = figure.careful
    seconds = careful.p95_ms / 1000
    target = float("inf") if p95_ms is None else p95_ms / 1000
    load = most_load(careful.lanes, seconds, target, BUSIEST)
    return min(load / seconds, BUSIEST * careful.per_second)


def size(figure: Figure, traffic: Traffic | None, p95_ms: float | None, least: int) -> Size | None:
    """Size a day hour by hour; None where no number of machines is quick enough."""
    each = per_machine(figure, p95_ms)
    if each <= 0:
        return None
    careful = figure.careful
    rates = hourly_rates(traffic) if traffic else (0.0,) * HOURS_A_DAY
    counts = [max(least, machines_for(rate, each) if rate else 0) for rate in rates]
    # The hour in which each machine has most to do; a machine that nobody asks does not wait.
    fullest = max((rate / count for rate, count in zip(rates, counts, strict=True) if count), default=0.0)
    load = fullest * careful.p95_ms / 1000
    average = sum(counts) / HOURS_A_DAY
    busy = traffic.per_second / (average * careful.per_second) if traffic and average else None
    return Size(
        min(counts),
        max(counts),
        average,
        each,
        sojourn_quantile(careful.lanes, load, careful.p95_ms),
        busy,
    )


def hourly_rates(traffic: Traffic) -> tuple[float, ...]:
    """Give the requests a second of each hour of a day."""
    whole = sum(traffic.day)
    return tuple(traffic.per_second * HOURS_A_DAY * share / whole for share in traffic.day)


def per_million(monthly: float, traffic: Traffic | None) -> float | None:
    """Give what a million requests cost."""
    if traffic is None or not traffic.requests_per_month:
        return None
    return monthly / traffic.requests_per_month * MILLION


def monthly_of(price: Price, machines: float) -> float:
    """Give what machines cost a month."""
    return price.usd * machines * HOURS_A_MONTH


def ranked(choices: list[Choice]) -> list[Choice]:
    """Put what fits first, the cheapest before the others; then what lost, by cost as well."""

    def key(one: Choice) -> tuple[bool, bool, float, float, str, str]:
        cost = one.monthly if one.monthly is not None else float("inf")
        late = one.p95_ms if one.p95_ms is not None else float("inf")
        return (not one.fits, one.monthly is None, cost, late, one.kind, one.instance)

    return sorted(choices, key=key)
