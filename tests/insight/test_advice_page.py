"""docs/advise.md: its tables are what advice gives today, and its errors are those that the model has."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from math import log
from pathlib import Path
from statistics import median

import pytest

from mlstage.catalog import perf
from mlstage.catalog.models import architecture
from mlstage.catalog.prices import price
from mlstage.insight.advice import report
from mlstage.insight.advice.advise import Advice, advise
from mlstage.insight.advice.figures import best_of, figures
from mlstage.insight.advice.latency import ENOUGH, held_out, stacks
from mlstage.insight.advice.training import training_error
from mlstage.insight.advice.wants import Wants, wants_of
from mlstage.insight.blocks import Table, markdown
from mlstage.insight.cost import PriceBook
from mlstage.insight.facts import Needs, Traffic
from mlstage.project import study
from mlstage.spec.expectations import DAYS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "advise.md"
RATES = (2, 20, 200, 400, 800, 2000)
BERT = Needs(model="bert-base", sequence_length=128)


def study_case(workload: str) -> Advice:
    done = study(ROOT, specs=[Path("environments/bert_sentiment.py")], stacks=["prod"])
    (graph,) = [one.graph for one in done.stacks]
    return advise(wants_of(graph, graph.group_by_name[workload]), PriceBook("us-east-1"))


def the_figures() -> str:
    base = architecture("bert-base")
    assert base is not None
    rows = []
    for name, one in sorted(best_of(figures(BERT, base)).items(), key=lambda item: -item[1].per_second):
        hour = price("AmazonSageMaker", f"ml.{name}", "us-east-1", "Hosting")
        assert hour is not None
        million = hour.usd / 3600 / one.per_second * 1e6
        numbers = (f"{one.p95_ms:.3g}", f"{one.per_second:.4g}", f"{hour.usd:g}", f"{million:.3f}")
        rows.append((f"ml.{name}", one.framework, *numbers, hour.basis, f"{one.basis}, {one.date}"))
    headings = (
        "type",
        "framework",
        "p95 ms",
        "a second",
        "USD an hour",
        "USD a million, never idle",
        "price",
        "figure",
    )
    return markdown([Table("", headings, tuple(rows), right=(2, 3, 4, 5))])


def the_rates() -> str:
    rows = []
    for rate in RATES:
        traffic = Traffic(rate * 730 * 3600, DAYS["evening"])
        wants = Wants("w", "RealtimeEndpoint", "SageMaker", "us-east-1", "production", BERT, traffic, p95_ms=100.0)
        fits = [one for one in advise(wants, PriceBook("us-east-1")).own if one.fits][:3]
        rows.append((f"{rate:,}", *(f"{one.name}: ${one.monthly or 0:,.2f}" for one in fits)))
    return markdown([Table("", ("requests a second", "first", "second", "third"), tuple(rows), right=(0,))])


def the_tables(workload: str) -> str:
    """Give the ranking and the losers, without the numbers of figures and sources, which a page has no list for."""
    tables = []
    for block in report.blocks([study_case(workload)], date(2026, 11, 25)):
        if isinstance(block, Table) and block.title in ("Ranked", "Why the others lost"):
            at = block.headings.index("rests on")
            rows = tuple(
                tuple(re.sub(r",? ?F\d+.*", "", cell) if number == at else cell for number, cell in enumerate(row))
                for row in block.rows
            )
            tables.append(Table(block.title, block.headings, rows, block.right))
    return markdown([Table("", one.headings, one.rows, one.right) for one in tables])


def the_error() -> str:
    pairs = [
        pair
        for task in ("encoder", "image-cls")
        for samples in stacks(perf.inference(), task).values()
        if len(samples) >= ENOUGH
        for pair in held_out(samples)
    ]
    missed = sorted(abs(log(said / real)) for said, real in pairs)
    middle, most = median(missed), missed[int(0.8 * len(missed))]
    return f"{len(missed)} hidden figures: half within {middle:.0%}, four in five within {most:.0%}.\n"


PARTS: dict[str, Callable[[], str]] = {
    "figures": the_figures,
    "rates": the_rates,
    "serving": lambda: the_tables("classifier"),
    "training": lambda: the_tables("fine-tuning"),
    "error": the_error,
}


@pytest.mark.parametrize("name", PARTS)
def test_the_page_shows_what_advice_says(name: str, request: pytest.FixtureRequest) -> None:
    made = f"<!-- {name} -->\n{PARTS[name]()}<!-- end -->"
    page = PAGE.read_text(encoding="utf-8")
    if request.config.getoption("--accept"):
        before, _, rest = page.partition(f"<!-- {name} -->\n")
        PAGE.write_text(before + made + rest.partition("<!-- end -->")[2], encoding="utf-8")
        return
    assert made in page, f"docs/advise.md shows other {name}; read why, then accept it with --accept"


def test_the_page_tells_the_error_of_training() -> None:
    assert f"<!-- training-error -->{training_error():.0%}<!-- end -->" in PAGE.read_text(encoding="utf-8")
