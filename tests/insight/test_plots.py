"""Pictures: the same bytes every time, what is drawn named in them, and what no choice beats."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mlstage.insight.cost import estimate
from mlstage.insight.facts import Traffic
from mlstage.insight.plots import Choice, cost_against_latency, cost_by_workload, save, simulated_day, svg
from mlstage.insight.plots.pareto import front
from mlstage.insight.simulation import Scaling, Service, simulate
from tests.insight.graphs import endpoint, graph, scaled, variant

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CHEAP, QUICK, WORSE = Choice("c", "c5", 90.0, 100.0), Choice("q", "inf2", 1.0, 900.0), Choice("w", "g5", 2.0, 950.0)
EVENING = (1.0,) * 18 + (8.0,) * 4 + (1.0,) * 2


def choices() -> Figure:
    return cost_against_latency([CHEAP, QUICK, WORSE], 100.0)


def costs() -> Figure:
    return cost_by_workload([estimate(graph(*endpoint(variant()), *scaled(1, 4)))])


def day() -> Figure:
    played = simulate(Traffic(3e7, EVENING, 40), Scaling(1, 4, "invocations", 600), Service(0.04))
    return simulated_day(played, "a day", 0.23, 100.0)


@pytest.mark.parametrize("draw", [choices, costs, day])
def test_a_picture_is_the_same_every_time(draw: Callable[[], Figure]) -> None:
    text = svg(draw())
    assert text == svg(draw())
    assert text.startswith("<svg ")
    # Nothing from elsewhere, so that a page with it works without a network; and no day of drawing.
    assert set(re.findall(r'(?:href|src)="([^#"][^"]*)"', text)) == set()
    assert "<dc:date>" not in text


def test_files_are_what_their_names_say(tmp_path: Path) -> None:
    for name, start in {"a.svg": b"<?xml", "a.png": b"\x89PNG"}.items():
        save(choices(), tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(start), name


def test_the_front_has_what_nothing_beats() -> None:
    assert front([CHEAP, WORSE, QUICK]) == (QUICK, CHEAP)


def test_every_choice_is_named() -> None:
    texts = [text.get_text() for text in choices().axes[0].texts]
    assert {"c", "q", "w", "target 100 ms"} <= set(texts)


def test_a_row_of_a_day_is_left_out_where_nothing_is_known() -> None:
    played = simulate(Traffic(3e5), Scaling(1, 4, "invocations", 600), Service())
    labels = [axes.get_ylabel() for axes in simulated_day(played, "a day").axes]
    assert labels == ["requests", "replicas"]
    assert [axes.get_ylabel() for axes in day().axes] == ["requests", "replicas", "ms to answer", "USD"]
