"""Waiting in line: how long requests take when several servers share them, as a model with its assumptions stated.

Requests come at random (a Poisson process) and each takes a server equally long (M/D/c). The mean wait is half of what
Erlang's C formula gives for service times that vary exponentially; the tail falls off exponentially with that mean.
A simulation of single requests agrees within the error that `tests/insight/test_queueing.py` prints.
"""

from __future__ import annotations

from math import ceil, log


def erlang_c(servers: int, load: float) -> float:
    """Give the probability that a request waits; `load` is the average number of busy servers."""
    if load >= servers:
        return 1.0
    # Erlang's B by its recursion, then C from B: no factorials that overflow.
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked / (1 - load / servers * (1 - blocked))


def wait_quantile(servers: int, load: float, service: float, quantile: float) -> float:
    """Give the time that all but the last few requests wait at most, in the unit of `service`."""
    if load >= servers:
        return float("inf")
    waits = erlang_c(servers, load)
    if waits <= 1 - quantile:
        return 0.0
    # Those who wait, wait on average service / (servers - load) / 2.
    mean = service / (servers - load) / 2
    return mean * log(waits / (1 - quantile))


def sojourn_quantile(servers: int, load: float, service: float, quantile: float = 0.95) -> float:
    """Give the time from request to answer that all but the last few requests take at most."""
    return service + wait_quantile(servers, load, service, quantile)


def most_load(servers: int, service: float, target: float, most: float, quantile: float = 0.95) -> float:
    """Give the highest load under which the quantile stays within `target`, at most `most` of the servers."""
    if service > target:
        return 0.0
    low, high = 0.0, servers * most
    if sojourn_quantile(servers, high, service, quantile) <= target:
        return high
    for _ in range(60):
        middle = (low + high) / 2
        if sojourn_quantile(servers, middle, service, quantile) <= target:
            low = middle
        else:
            high = middle
    return low


def machines_for(rate: float, per_machine: float) -> int:
    """Give how many machines serve a rate of requests; at least one."""
    return max(1, ceil(rate / per_machine - 1e-9)) if per_machine > 0 else 0
