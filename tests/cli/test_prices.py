"""`mlstage prices`: what is read and written, what `cost` makes of it, and nothing written where a price is missing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mlstage.catalog.prices import Price
from mlstage.catalog.refresh import api
from mlstage.catalog.refresh.queries import CredentialsMissingError, Query, RefreshError
from tests.project_support import Project


class Market:
    """What AWS would charge; anything else is refused."""

    def __init__(self, usd: Callable[[Query], float | None]) -> None:
        self.usd = usd
        self.asked: list[str] = []

    def prices(self, asked: Query) -> tuple[Price, ...]:
        self.asked.append(str(asked))
        usd = self.usd(asked)
        if usd is None:
            raise RefreshError(f"{asked}: 0 products match, and exactly one should")
        service, item, region, component = asked.key
        source = f"AWS Price List API, {asked.offer}, published 2026-11-24"
        return (Price(service, item, component, region, usd, asked.unit, 0.0, "observed", "2026-11-24", source, ""),)


@pytest.fixture
def market(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Query], float | None]], Market]:
    """Give a market in the place of AWS's."""

    def made(usd: Callable[[Query], float | None]) -> Market:
        found = Market(usd)
        monkeypatch.setattr(api, "client", lambda: None)
        monkeypatch.setattr(api, "Api", lambda _client: found)
        return found

    return made


Open = Callable[[Callable[[Query], float | None]], Market]


def hosting(project: Project) -> dict[str, object]:
    run = project.run("cost", "--stack", "prod", "--format", "json")
    (done,) = json.loads(run.out)["estimates"]
    (line,) = [one for one in done["lines"] if "hosting" in one["what"]]
    found: dict[str, object] = {**line["prices"][0], "monthly": line["monthly"]["expected"]}
    return found


def test_prices_that_were_read_go_before_those_that_came_along(project: Project, market: Open) -> None:
    assert hosting(project)["monthly"] == pytest.approx(335.8)
    found = market(lambda asked: 0.25 if asked.key[1:] == ("ml.m5.xlarge", "us-east-1", "Hosting") else 0.01)
    run = project.run("prices", "refresh")
    assert run.code == 0, run.err
    assert "ml.m5.xlarge (AmazonSageMaker, Hosting, us-east-1)" in found.asked
    now = hosting(project)
    assert now["monthly"] == pytest.approx(2 * 0.25 * 730)
    assert (now["basis"], now["date"]) == ("observed", "2026-11-24")
    assert now["source"] == "AWS Price List API, AmazonSageMaker, published 2026-11-24"
    lines = (project.root / "prices.tsv").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("AmazonSageMaker\tml.m5.xlarge\tHosting\tus-east-1\t0.25\thour")]


def test_a_type_alone_is_read_in_the_region_that_is_named_and_the_rest_is_kept(project: Project, market: Open) -> None:
    market(lambda _: 0.5)
    assert project.run("prices", "refresh", "ml.m5.xlarge", "--region", "eu-west-1").code == 0
    found = market(lambda _: 0.7)
    assert project.run("prices", "refresh", "ml.c5.xlarge").code == 0
    assert {one.partition(" ")[0] for one in found.asked} == {"ml.c5.xlarge"}
    rows = (project.root / "prices.tsv").read_text(encoding="utf-8").splitlines()
    kept = {tuple(row.split("\t")[1:5:3]) for row in rows if not row.startswith("#")}
    assert kept == {("ml.m5.xlarge", "0.5"), ("ml.c5.xlarge", "0.7")}


def test_where_one_price_is_missing_nothing_is_written(project: Project, market: Open) -> None:
    market(lambda asked: None if asked.key[3] == "Hosting" else 0.3)
    run = project.run("prices", "refresh", "ml.m5.xlarge")
    assert run.code == 1
    said = "not read: ml.m5.xlarge (AmazonSageMaker, Hosting, us-east-1): 0 products match, and exactly one should"
    assert said in run.err
    assert "Nothing was written" in run.err
    assert not (project.root / "prices.tsv").exists()


def test_partial_writes_what_could_be_read_and_still_fails(project: Project, market: Open) -> None:
    market(lambda asked: None if asked.key[3] == "Hosting" else 0.3)
    run = project.run("prices", "refresh", "ml.m5.xlarge", "--partial")
    assert run.code == 1
    written = (project.root / "prices.tsv").read_text(encoding="utf-8")
    assert "\tTraining\t" in written and "\tHosting\t" not in written


def test_without_credentials_the_way_without_them_is_told(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed:
        def __init__(self, _client: object) -> None: ...

        def prices(self, _asked: Query) -> tuple[Price, ...]:
            raise CredentialsMissingError("Unable to locate credentials")

    monkeypatch.setattr(api, "client", lambda: None)
    monkeypatch.setattr(api, "Api", Closed)
    run = project.run("prices", "refresh", "ml.m5.xlarge")
    assert run.code == 3
    assert "there are none" in run.err and "--bulk" in run.err
    assert not (project.root / "prices.tsv").exists()


def test_files_that_cannot_be_reached_are_named(project: Project) -> None:
    run = project.run("prices", "refresh", "ml.m5.xlarge", "--bulk", "http://127.0.0.1:9")
    assert run.code == 1
    assert "http://127.0.0.1:9/offers/v1.0/aws/AmazonSageMaker/current/us-east-1/index.json cannot be read" in run.err


ROW = "AmazonSageMaker\tml.m5.xlarge\tHosting\tus-east-1\t0.25\thour\t0\t2026-11-24\tAWS"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("one field", "prices.tsv:1: a row has 9 fields, this one 1"),
        (ROW.replace("0.25", "cheap"), "prices.tsv:1: could not convert"),
        (ROW.replace("0.25", "0"), "prices.tsv:1: a price is above 0"),
        (ROW.replace("2026-11-24", "lately"), "prices.tsv:1: a price is above 0, and has a day"),
        (f"{ROW}\n{ROW}", "twice"),
    ],
)
def test_a_file_that_somebody_broke_is_refused_with_its_line(project: Project, text: str, said: str) -> None:
    project.write("prices.tsv", text + "\n")
    run = project.run("cost", "--stack", "prod")
    assert (run.code, run.out) == (2, "")
    assert said in run.err and "Traceback" not in run.err


def test_what_a_type_costs_is_shown_with_its_source(project: Project) -> None:
    said = project.run("prices", "show", "ml.m5.xlarge").out
    assert "Hosting" in said and "$0.23/hour" in said and "observed" in said and "2026-02-15" in said
    assert "Sources:" in said and "AWS says of its price lists" in said


def test_another_region_is_derived_and_told_so(project: Project) -> None:
    run = project.run("prices", "show", "ml.m5.large", "--region", "eu-west-1", "--format", "json")
    found = {one["component"]: one for one in json.loads(run.out)["prices"]["ml.m5.large"]}
    assert found["Hosting"]["basis"] == "derived" and found["Hosting"]["usd"] > 0.115
    assert "not a price that AWS publishes" in found["Hosting"]["note"]


def test_the_table_is_written_where_the_project_is(
    project: Project, market: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    market(lambda _: 0.5)
    below: Path = project.root / "environments"
    monkeypatch.chdir(below)
    assert project.run("prices", "refresh", "ml.m5.xlarge").code == 0
    assert (project.root / "prices.tsv").is_file()
