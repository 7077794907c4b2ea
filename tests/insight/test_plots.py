"""Pictures: the same bytes every time, what is drawn named in them, and what no choice beats."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mlstage.catalog.prices import price
from mlstage.insight.advice.advise import advise
from mlstage.insight.advice.picture import picture
from mlstage.insight.advice.wants import wants_of
from mlstage.insight.cost import PriceBook, estimate
from mlstage.insight.days import Player, play, players
from mlstage.insight.facts import Traffic
from mlstage.insight.plots import Choice, cost_against_latency, cost_by_workload, save, simulated_day, svg
from mlstage.insight.plots.pareto import front
from mlstage.insight.simulation import Scaling, Service, simulate
from mlstage.project import study
from mlstage.spec.expectations import DAYS
from tests.insight.graphs import endpoint, graph, scaled, variant

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROOT = Path(__file__).parents[2]
CHEAP, QUICK, WORSE = Choice("c", "c5", 90.0, 100.0), Choice("q", "inf2", 1.0, 900.0), Choice("w", "g5", 2.0, 950.0)
EVENING = (1.0,) * 18 + (8.0,) * 4 + (1.0,) * 2


def choices() -> Figure:
    return cost_against_latency([CHEAP, QUICK, WORSE], 100.0)


def costs() -> Figure:
    return cost_by_workload([estimate(graph(*endpoint(variant()), *scaled(1, 4)))])


def day() -> Figure:
    played = simulate(Traffic(3e7, EVENING, 40), Scaling(1, 4, "invocations", 600), Service(0.04))
    return simulated_day(played, "a day", price("AmazonSageMaker", "ml.m5.xlarge", "us-east-1", "Hosting"), 100.0)


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
    assert sorted(texts) == ["c", "q", "target 100 ms", "w"]


def advised(spec: str, workload: str) -> Figure:
    done = study(ROOT, specs=[ROOT / "environments" / spec], stacks=["prod"])
    (graph,) = [one.graph for one in done.stacks]
    return picture(advise(wants_of(graph, graph.group_by_name[workload]), PriceBook(graph.region)))


def crowd() -> Figure:
    """Draw choices that lie close to each other, to the target and to the edges."""
    places = [(40, 900), (44, 950), (48, 1000), (52, 900), (98, 920), (101, 930), (102, 2000), (10, 880), (400, 5000)]
    named = [Choice(f"2 to {number} x ml.family{number}.xlarge", f"f{number}", *at) for number, at in enumerate(places)]
    return cost_against_latency(named, 100.0)


@pytest.mark.parametrize(
    "draw",
    [lambda: advised("bert_sentiment.py", "classifier"), lambda: advised("visual_search.py", "embedder"), crowd],
    ids=["bert-sentiment", "visual-search", "crowd"],
)
def test_no_name_covers_another_a_point_or_the_target(draw: Callable[[], Figure]) -> None:
    drawn = draw()
    axes: Any = drawn.axes[0]
    drawn.draw_without_rendering()
    boxes = {text.get_text(): text.get_window_extent() for text in axes.texts}
    over = [f"{one} over {other}" for one, other in combinations(boxes, 2) if boxes[one].overlaps(boxes[other])]
    points = [axes.transData.transform(text.xy) for text in axes.texts if not text.get_text().startswith("target")]
    on = [f"{name} over {at}" for name, box in boxes.items() for at in points if box.contains(*at)]
    lines = [one for one in axes.lines if one.get_linestyle() == "--"]
    places = [axes.transData.transform((one.get_xdata()[0], 1.0))[0] for one in lines]
    across = [name for name, box in boxes.items() for place in places if box.x0 < place < box.x1]
    out = [name for name, box in boxes.items() if box.x0 < axes.bbox.x0 or box.x1 > axes.bbox.x1]
    assert (over, on, across, out) == ([], [], [], [])


@pytest.mark.parametrize("draw", [lambda: advised("bert_sentiment.py", "classifier"), costs, day])
def test_a_picture_says_of_when_its_prices_are(draw: Callable[[], Figure]) -> None:
    said = draw().get_supxlabel()
    assert re.search(r"\b20\d\d-\d\d", said) and "rice" in said


def our_costs() -> Figure:
    names = ("bert_sentiment.py", "fraud_detection.py")
    done = study(ROOT, specs=[ROOT / "environments" / name for name in names])
    return cost_by_workload([estimate(one.graph) for one in done.stacks])


def our_day() -> Figure:
    done = study(ROOT, specs=[ROOT / "environments/bert_sentiment.py"], stacks=["prod"])
    asked = Traffic(2000 * 730 * 3600, DAYS["evening"], 1.0)
    (one,) = players(done.stacks[0].graph, PriceBook("us-east-1"), lambda _: asked)
    assert isinstance(one, Player)
    played = play(one, 5)
    assert played.day is not None
    title = f"{one.workload} in prod, 2,000 requests a second on average: {one.what}"
    return simulated_day(played.day, title, one.price, one.target_ms)


@pytest.mark.parametrize(
    ("name", "draw"),
    [
        ("cost-against-latency", lambda: advised("bert_sentiment.py", "classifier")),
        ("cost-by-workload", our_costs),
        ("simulated-day", our_day),
    ],
)
def test_the_pictures_of_the_documentation_are_todays(
    name: str, draw: Callable[[], Figure], golden: Callable[[str, str], None], tmp_path: Path
) -> None:
    save(draw(), tmp_path / "it.svg")
    golden(f"../../docs/pictures/{name}.svg", (tmp_path / "it.svg").read_text(encoding="utf-8"))


def test_a_row_of_a_day_is_left_out_where_nothing_is_known() -> None:
    played = simulate(Traffic(3e5), Scaling(1, 4, "invocations", 600), Service())
    labels = [axes.get_ylabel() for axes in simulated_day(played, "a day").axes]
    assert labels == ["requests", "replicas"]
    assert [axes.get_ylabel() for axes in day().axes] == ["requests", "replicas", "ms to answer", "USD"]
