"""The report as a file: complete, self-contained, the same each time, and never more than what an author wrote."""

from __future__ import annotations

import re
from base64 import b64encode
from collections import Counter
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest

from mlstage.insight.cost import Amount, Estimate, Line
from mlstage.insight.report.chart import chart
from tests.insight.report.projects import BAD, report
from tests.insight.report.projects import project as write_project
from tests.project_support import Project

WRONG = "from mlstage import Environment\nenvironment = Environment(name='Bad Name')\n"
_VOID = {"meta", "link", "input", "br", "img", "hr"}


class Tags(HTMLParser):
    """Every tag of a page with its attributes, and the text of its scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.inside: dict[str, list[str]] = {"script": [], "style": []}
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert not self._open, f"not closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self._open and self._open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in self.inside:
            self.inside[self._open[-1]].append(data)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = write_project(tmp_path_factory.mktemp("report") / "acme")
    done = report(place, "--title", BAD)
    assert (done.returncode, done.stderr) == (0, "written: report.html\n")
    return place


@pytest.fixture(scope="module")
def text(folder: Path) -> str:
    return (folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def tags(text: str) -> Tags:
    return Tags(text)


def test_nothing_is_asked_of_anybody(tags: Tags) -> None:
    for tag, attributes in tags.tags:
        assert "src" not in attributes, tag
        if tag != "a":
            assert not attributes.get("href", "").startswith("http"), tag
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest", "".join(tags.inside["style"] + tags.inside["script"]))


def test_the_policy_allows_this_script_and_this_style_sheet_only(tags: Tags) -> None:
    policy = next(one["content"] for _, one in tags.tags if one.get("http-equiv") == "Content-Security-Policy")
    rules = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert rules["default-src"] == "'none'"
    for kind in ("script", "style"):
        (inside,) = tags.inside[kind]
        wanted = b64encode(sha256(inside.encode()).digest()).decode()
        assert rules[f"{kind}-src"] == f"'sha256-{wanted}'"
    for tag, attributes in tags.tags:
        assert not [name for name in attributes if name == "style" or name.startswith("on")], tag


def test_an_authors_markup_is_text(text: str, tags: Tags) -> None:
    assert Counter(tag for tag, _ in tags.tags)["script"] == 1
    assert "img" not in {tag for tag, _ in tags.tags}
    assert text.count("&lt;script&gt;document.title = &#34;taken&#34;") >= 3  # twice as the title, once as a reason


def test_ids_are_one_of_a_kind_and_what_refers_to_them_finds_them(tags: Tags) -> None:
    ids = Counter(one["id"] for _, one in tags.tags if "id" in one)
    assert [name for name, count in ids.items() if count > 1] == []
    wanted = {one["href"][1:] for tag, one in tags.tags if tag == "a" and one["href"].startswith("#")}
    wanted |= {one["data-filter"] for _, one in tags.tags if "data-filter" in one}
    wanted |= {name for _, one in tags.tags for name in one.get("aria-labelledby", "").split()}
    wanted |= {one["fill"][5:-1] for _, one in tags.tags if one.get("fill", "").startswith("url(#")}
    assert wanted <= set(ids)
    assert {name for name in wanted if name.startswith("source-")}


def test_every_price_names_its_source_with_date_and_basis(text: str) -> None:
    rows = re.search(r'<table id="prices">.*?</table>', text, re.S)
    assert rows
    marks = re.findall(r'<a href="#source-(\d+)">', rows[0])
    prices = rows[0].count("<tr>") - 1
    assert len(marks) == prices > 3
    sources = re.findall(
        r'<li id="source-(\d+)" value="\1"><span class="tag">([a-z-]+)</span> (.+); as of (\S+)</li>', text
    )
    assert {number for number, *_ in sources} == set(marks)
    for number, basis, source, day in sources:
        assert basis in ("observed", "derived", "derived-assumed"), number
        assert source and re.fullmatch(r"\d{4}-\d\d(-\d\d)?", day), number


def test_findings_waivers_and_differences_are_there(text: str) -> None:
    assert re.search(
        r'<span class="tag error">error</span></td><td><code>ML102</code></td><td><code>environments/spec.py:', text
    )
    assert '<span class="tag allowed">in force</span>' in text
    assert "does not count: ended on 2026-01-31" in text
    row = next(line for line in text.splitlines() if "<td>explore</td>" in line and "stop_when_idle" in line)
    cells = [cell for cell in re.split("<[^>]+>", row) if cell]
    assert cells == ["explore", "stop_when_idle", "1h", "2h", "meant", "overridden in Pulumi.prod.yaml"]


def test_the_same_day_gives_the_same_bytes(folder: Path, text: str) -> None:
    assert report(folder, "--title", BAD, "-o", "again.html").returncode == 0
    assert (folder / "again.html").read_text(encoding="utf-8") == text


def test_another_day_changes_what_a_day_can_change(folder: Path, text: str) -> None:
    assert report(folder, "--title", BAD, "-o", "later.html", day="2027-02-01").returncode == 0
    later = (folder / "later.html").read_text(encoding="utf-8")
    assert "does not count: ended on 2027-01-31" in later
    assert later.count("2027-02-01") == text.count("2026-11-25") == 2


def test_a_spec_that_is_wrong_does_not_hide_the_others(project: Project) -> None:
    project.write(
        "environments/wrong.py", "from mlstage import Environment\nenvironment = Environment(name='Bad Name')\n"
    )
    run = project.run("report", "--date", "2026-11-25")
    assert run.code == 2
    assert "environments/wrong.py:2" in run.err
    page = (project.root / "report.html").read_text()
    assert ">fraud</a>" in page
    assert "Other findings" in page and "environments/wrong.py:2" in page


def test_without_any_stack_nothing_is_written(project: Project) -> None:
    project.spec(WRONG)
    assert project.run("report").code == 2
    assert not (project.root / "report.html").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["--date", "tomorrow"], "does not match the format"), (["-o", "environments"], "is a directory")],
)
def test_what_is_wrong_is_said(project: Project, arguments: list[str], words: str) -> None:
    run = project.run("report", *arguments)
    assert run.code == 2
    assert words in run.err


def test_a_chart_shows_amounts_to_scale() -> None:
    lines = (
        Line("w", "r", "t", "machine", "priced", Amount(100, 200, 400)),
        Line("", "k", "t", "key", "priced", Amount.exactly(1)),
    )
    drawn = chart([Estimate("e", stack, "test", "us-east-1", lines, groups=("w",)) for stack in ("test", "prod")])
    assert drawn is not None
    assert [row.name for row in drawn.rows] == ["w", "(shared)"]
    bar = drawn.rows[0].bars[1]
    assert (bar.stack, bar.label) == ("prod", "$200 (at most $400)")
    per_dollar = bar.expected / 200
    assert bar.high - bar.low == pytest.approx(300 * per_dollar)
    assert drawn.ticks[-1].x - drawn.left >= 400 * per_dollar
    assert [tick.label for tick in drawn.ticks] == ["$0", "$100", "$200", "$300", "$400"]
    assert chart([Estimate("e", "test", "test", "us-east-1", ())]) is None
