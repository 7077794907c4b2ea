"""docs/cost.md: what it works out by hand is what `mlstage cost` says, to the cent, from the catalogue's prices."""

from __future__ import annotations

import ast
import operator
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from mlstage.catalog.prices import price, spot_range
from mlstage.insight.cost import Estimate, Line, estimate
from mlstage.insight.cost.report import SHARED
from mlstage.project import study

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/cost.md").read_text(encoding="utf-8")
OPERATORS = {ast.Mult: operator.mul, ast.Div: operator.truediv}


@dataclass(frozen=True)
class Row:
    """A line of the page's table."""

    workload: str
    what: str
    quantity: str
    usd: str
    monthly: str
    rests_on: str


def rows() -> list[Row]:
    table = PAGE.partition("<!-- hand -->\n")[2].partition("<!-- end -->")[0]
    return [Row(*(cell.strip(" `") for cell in line.split("|")[1:-1])) for line in table.splitlines()[2:]]


def worked_out(text: str) -> float:
    """Do a sum of numbers, `*` and `/`."""

    def value(node: ast.expr) -> float:
        match node:
            case ast.Constant(float(found) | int(found)):
                return found
            case ast.BinOp(left, op, right):
                return float(OPERATORS[type(op)](value(left), value(right)))
            case _:
                raise AssertionError(f"{text}: only numbers, * and /")

    return value(ast.parse(text, mode="eval").body)


@pytest.fixture(scope="module")
def said() -> Estimate:
    done = study(ROOT, specs=[ROOT / "environments/fraud_detection.py"], stacks=["prod"])
    (one,) = done.stacks
    return estimate(one.graph)


def lines_of(row: Row, said: Estimate) -> list[Line]:
    """Give the lines that a row of the page puts together."""
    times, _, what = row.what.rpartition("x interface") if "x interface" in row.what else ("1 ", "", row.what)
    what = f"interface{what}" if "x interface" in row.what else what
    found = [one for one in said.lines if (one.workload or SHARED, one.what) == (row.workload, what)]
    assert len(found) == int(times), f"{row.what} of {row.workload}"
    return found


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.workload}: {row.what}")
def test_a_line_is_what_cost_says(row: Row, said: Estimate) -> None:
    lines = lines_of(row, said)
    monthly = worked_out(row.quantity) * worked_out(row.usd)
    assert f"{monthly:.2f}" == row.monthly
    assert monthly == pytest.approx(sum(one.monthly.expected for one in lines))
    assert worked_out(row.quantity) == pytest.approx(sum(one.quantity.expected for one in lines))
    (listed,) = {one for line in lines for one in line.prices}
    assert (listed.basis, listed.date) == tuple(row.rests_on.split(", "))
    assert price(listed.service, listed.item, "us-east-1", listed.component) == listed
    assert worked_out(row.usd.partition(" ")[0]) == listed.usd


def test_spot_is_reckoned_from_what_the_page_names() -> None:
    ours, average, on_demand = re.findall(r"[\d.]+", next(row.usd for row in rows() if "*" in row.usd))
    seen, listed = spot_range("c5.4xlarge"), price("AmazonEC2", "c5.4xlarge", "us-east-1", "OnDemand")
    training = price("AmazonSageMaker", "ml.c5.4xlarge", "us-east-1", "Training")
    assert seen and listed and training
    assert (float(ours), float(average), float(on_demand)) == (training.usd, seen.average, listed.usd)
    assert seen.date.startswith("2025-05")  # the page says May 2025


def test_nothing_is_left_out_and_the_sum_is_theirs(said: Estimate) -> None:
    told = Counter(id(line) for row in rows() for line in lines_of(row, said))
    assert [line.what for line in said.of("priced") if told[id(line)] != 1] == []
    whole = sum(worked_out(row.quantity) * worked_out(row.usd) for row in rows())
    assert f"<!-- sum -->{whole:.2f}<!-- end -->" in PAGE
    assert whole == pytest.approx(said.monthly.expected)
    assert any("batch transform" in line.what and line.workload == "monthly-rescore" for line in said.of("usage"))
