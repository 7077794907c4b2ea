"""What is to be minded about prices: their age, to the day, and the types whose prices move most."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from mlstage.catalog.instances import instance_names
from mlstage.catalog.prices import Price, price
from mlstage.insight.cost.warnings import STALE_DAYS, age, is_moving, warnings

DAY = date(2026, 11, 25)


def of_age(days: int, item: str = "ml.m5.xlarge") -> Price:
    found = price("AmazonSageMaker", "ml.m5.xlarge", "us-east-1", "Hosting")
    assert found is not None
    return replace(found, item=item, date=(DAY - timedelta(days)).isoformat())


@pytest.mark.parametrize(("days", "told"), [(0, False), (180, False), (181, True), (4000, True)])
def test_a_price_is_old_after_180_days(days: int, told: bool) -> None:
    assert STALE_DAYS == 180
    said = list(warnings([of_age(days)], DAY))
    assert bool(said) == told
    assert all("1 of 1 prices are older than 180 days: ml.m5.xlarge (Hosting, " in one for one in said)


@pytest.mark.parametrize(("written", "days"), [("2026-11-25", 0), ("2026-11", 24), ("2026", 328)])
def test_a_date_without_a_day_counts_from_its_beginning(written: str, days: int) -> None:
    assert age(replace(of_age(0), date=written), DAY) == days


def test_the_oldest_are_named_first_and_the_rest_counted() -> None:
    prices = [of_age(200 + number, f"ml.m5.{number}xlarge") for number in range(8)]
    (said,) = warnings([of_age(1, "ml.new"), *prices], DAY)
    assert said.startswith("8 of 9 prices are older than 180 days: ml.m5.7xlarge")
    assert "and 2 more" in said and "ml.new" not in said


def test_p_types_and_trn2_are_warned_of_whatever_their_age() -> None:
    listed = [name for name in instance_names() if name.split(".")[-2].startswith(("p", "trn2"))]
    assert {"ml.p3.2xlarge", "ml.p4d.24xlarge", "ml.p5.48xlarge", "ml.trn2.48xlarge"} <= {*listed}
    assert [name for name in listed if not is_moving(name)] == []
    said = list(warnings([of_age(0, name) for name in listed], DAY))
    assert [name for name in listed if not any(one.startswith(f"{name}: AWS has cut") for one in said)] == []


def test_no_other_type_is_called_moving() -> None:
    others = [name for name in instance_names() if not name.split(".")[-2].startswith(("p", "trn2"))]
    assert [name for name in others if is_moving(name)] == []
