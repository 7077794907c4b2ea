"""Places kept warm, and the requests that find none of them free: those are served, at another price."""

from __future__ import annotations

from math import exp

from mlstage.insight.cost.model import Amount
from mlstage.insight.facts import HOURS_A_DAY, Traffic


def beyond(traffic: Traffic, seconds: float, warm: Amount) -> Amount:
    """Give the share of requests that find every place taken: with as many as expected, and with the fewest.

    Requests come at random (a Poisson process), so that the number at work has a Poisson distribution too.
    """
    expected, most = _share(traffic, seconds, int(warm.expected)), _share(traffic, seconds, int(warm.low))
    return Amount(0.0, expected, max(expected, most))


def _share(traffic: Traffic, seconds: float, places: int) -> float:
    asked = spilt = 0.0
    for hour in range(HOURS_A_DAY):
        load = traffic.per_second * HOURS_A_DAY * traffic.day[hour] / sum(traffic.day) * seconds
        asked += load
        spilt += overflow(load, places)
    return spilt / asked if asked else 0.0


def overflow(load: float, places: int) -> float:
    """Give how many of the requests at work are, on average, beyond so many places."""
    if load > 700:
        return max(0.0, load - places)  # so many vary little; e to their power is no number
    # E[(N - c)+] = load - c + the sum over n < c of (c - n) P(N = n)
    chance, missing = exp(-load), 0.0
    for number in range(places):
        missing += (places - number) * chance
        chance *= load / (number + 1)
    return max(0.0, load - places + missing)
