"""Every format holds every diagnostic, whatever is in its texts, in the shape that its readers expect."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlstage._version import __version__
from mlstage.diagnostics import FORMATS, Diagnostic, Kind, Related, Severity, Summary, Where, render
from mlstage.diagnostics.folded import folded

SCHEMA = Path(__file__).parent / "schemas" / "sarif-2.1.0.json"
SAMPLE = (
    Diagnostic(
        "ML201",
        "real-time endpoint 'scorer' has no auto-scaling in stack 'prod'",
        "replicas=Autoscale(min=2, max=8, …)",
        where=Where("environments/fraud detection.py", 24, 22, 24, 40),
        why="Load is not even.",
        subject="fraud/scorer",
        field="production_variants[0]",
        stack="prod",
        related=(Related("the stack's file overrides `replicas`", Where("Pulumi.prod.yaml", 7)), Related("see above")),
    ),
    Diagnostic("ML402", "a | b <c> is *not* `en|crypted`", "a key", Severity.WARNING, Where("main.tf", 3)),
    Diagnostic("ML402", "`x` is not known", "its value", Severity.NOTE, subject="late", kind=Kind.UNDECIDED),
    Diagnostic("ML401", "`y` is not known", "its value", Severity.ERROR, subject="late", kind=Kind.UNDECIDED),
    Diagnostic("ML102", "waived until 2027-01-31", "nothing", Severity.NOTE, subject="tuning", kind=Kind.WAIVED),
    Diagnostic("READ101", "it is empty", "a whole one", where=Where("/tmp/plan.json")),
)
TOLD = Summary(("plan.json: 7 resources judged as test",), {"judged": [{"file": "plan.json", "not_judged": {"x": 2}}]})


@cache
def validator() -> Any:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return jsonschema.Draft7Validator(schema)


def sarif(*diagnostics: Diagnostic, summary: Summary = TOLD) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(render(diagnostics, "sarif", summary=summary))
    assert [error.message for error in validator().iter_errors(document)] == []
    return document


FILES = {"sarif": "sarif", "junit": "xml", "markdown": "md", "github": "github.txt", "json": "json", "text": "txt"}


@pytest.mark.parametrize("style", FORMATS)
def test_the_sample_in_every_format(style: str, golden: Callable[[str, str], None]) -> None:
    golden(f"golden/sample.{FILES[style]}", render(SAMPLE, style, summary=TOLD).replace(__version__, "VERSION"))


def test_sarif_is_what_the_official_schema_says() -> None:
    (run,) = sarif(*SAMPLE)["runs"]
    told = [(one["ruleId"], one["kind"], one["level"], "suppressions" in one) for one in run["results"]]
    assert told == [
        ("ML102", "fail", "note", True),
        ("ML401", "fail", "error", False),
        ("ML402", "open", "none", False),
        ("READ101", "fail", "error", False),
        ("ML201", "fail", "error", False),
        ("ML402", "fail", "warning", False),
    ]
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert [ids[one["ruleIndex"]] for one in run["results"]] == [one["ruleId"] for one in run["results"]]


def test_sarif_points_at_the_author_s_line() -> None:
    (run,) = sarif(SAMPLE[0])["runs"]
    physical = run["results"][0]["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"] == {"uri": "environments/fraud%20detection.py", "uriBaseId": "%SRCROOT%"}
    assert physical["region"] == {"startLine": 24, "startColumn": 22, "endLine": 24, "endColumn": 40}


def test_a_fingerprint_stays_when_the_line_moves_and_differs_between_resources() -> None:
    from dataclasses import replace

    one = SAMPLE[0]
    moved, other = replace(one, where=Where("environments/fraud detection.py", 99)), replace(one, subject="fraud/other")
    marks = [sarif(d)["runs"][0]["results"][0]["partialFingerprints"]["mlstage/v1"] for d in (one, moved, other)]
    assert marks[0] == marks[1] != marks[2]


def cases(*diagnostics: Diagnostic) -> list[tuple[str, list[str]]]:
    suite = ElementTree.fromstring(render(diagnostics, "junit", summary=TOLD)).find("testsuite")
    assert suite is not None
    found = [(case.attrib["name"], [child.tag for child in case]) for case in suite.findall("testcase")]
    counted = {name: sum(tag in tags for _, tags in found) for name, tag in
               (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))}  # fmt: skip
    assert {name: int(suite.attrib[name]) for name in counted} == counted
    assert int(suite.attrib["tests"]) == len(found)
    return found


def test_junit_fails_what_fails_and_skips_what_is_open_or_waived() -> None:
    assert cases(*SAMPLE) == [
        ("ML102 tuning", ["skipped"]),
        ("ML401 late", ["failure"]),
        ("ML402 late", ["skipped"]),
        ("READ101", ["error"]),
        ("ML201 fraud/scorer production_variants[0] (prod)", ["failure"]),
        ("ML402", ["system-out"]),
    ]
    assert cases() == [("no problems", [])]


def test_json_has_every_field_of_every_diagnostic() -> None:
    from dataclasses import asdict

    for found in (SAMPLE, SAMPLE[:1], ()):
        document = json.loads(render(found, "json", summary=TOLD))
        assert document["version"] == 1 and document["judged"] == TOLD.facts["judged"]
        assert {json.dumps(one) for one in document["diagnostics"]} == {json.dumps(asdict(one)) for one in found}


def test_every_format_says_what_was_not_judged() -> None:
    told = Summary(("not judged: 2 resources of unknown type (2 x)",), {"judged": [{"not_judged": {"x": 2}}]})
    for style in set(FORMATS) - {"text", "json"}:
        assert "not judged: 2 resources of unknown type (2 x)" in render((), style, summary=told), style
    assert json.loads(render((), "json", summary=told))["judged"] == [{"not_judged": {"x": 2}}]


def test_many_that_are_open_alike_are_one_text_and_many_results() -> None:
    found = [
        Diagnostic("ML402", f"`x` of {n} is not known", "its value", Severity.NOTE, subject=f"r{n}", field="x",
                   kind=Kind.UNDECIDED)
        for n in range(1, 9)
    ]  # fmt: skip
    told = render([*found, SAMPLE[0]], "text")
    assert told.count("ML402") == 1
    assert "note: likewise r2 `x`, r3 `x`, r4 `x`, r5 `x`, r6 `x`, and 2 more\n" in told
    assert "ML201" in told
    assert len(sarif(*found)["runs"][0]["results"]) == 8
    assert render(found[:3], "text").count("ML402") == 3


TEXT = st.text(max_size=40)
PLACES = st.builds(Where, TEXT.map(lambda text: text or "f"), st.integers(0, 9), st.integers(0, 9))
DIAGNOSTICS = st.builds(
    Diagnostic,
    st.sampled_from(["ML101", "SPEC101", "X"]),
    TEXT,
    TEXT,
    st.sampled_from(Severity),
    st.none() | PLACES,
    why=TEXT,
    subject=TEXT,
    field=TEXT,
    stack=TEXT,
    related=st.lists(st.builds(Related, TEXT, st.none() | PLACES), max_size=2).map(tuple),
    kind=st.sampled_from(Kind),
)


@given(st.lists(DIAGNOSTICS, max_size=3, unique=True))
def test_any_text_can_be_told_in_every_format(found: list[Diagnostic]) -> None:
    assert len(cases(*found)) == max(1, len(found))
    table = render(found, "markdown").splitlines()
    assert sum(line.startswith("| ") for line in table) == (len([*folded(found)]) + 1 if found else 0)
    assert all(line.startswith("::") for line in render(found, "github").split("\n") if line)


@settings(max_examples=25)
@given(DIAGNOSTICS)
def test_any_text_can_be_told_as_sarif(found: Diagnostic) -> None:
    assert len(sarif(found)["runs"][0]["results"]) == 1


def untagged(*names: str, severity: Severity = Severity.WARNING) -> list[Diagnostic]:
    why, where = "Bills are split by guessing.", Where("main.tf", 3)
    return [
        Diagnostic(
            "ML501", f"{one} has no owner", "an owner", severity, where, why, subject=one, field="tags", title="Missing"
        )
        for one in names
    ]


@pytest.mark.parametrize("style", ["text", "github", "markdown"])
def test_what_one_cause_does_in_many_places_is_told_once_to_people(style: str) -> None:
    found = render(untagged(*(f"r{n:02}" for n in range(11))), style)
    assert found.count("has no owner") == 1
    assert "r00 has no owner" in found
    assert "likewise r01 `tags`, r02 `tags`, r03 `tags`, r04 `tags`, r05 `tags`, and 5 more" in found.replace(
        "%2C", ","
    )
    assert render(untagged(*(f"r{n:02}" for n in range(10))), style).count("has no owner") == 10
    errors = untagged(*(f"r{n:02}" for n in range(40)), severity=Severity.ERROR)
    assert render(errors, style).count("has no owner") == 40


@pytest.mark.parametrize("style", ["json", "sarif", "junit"])
def test_programs_are_told_every_place(style: str) -> None:
    found = render(untagged(*(f"r{n:02}" for n in range(11))), style)
    assert all(f"r{n:02} has no owner" in found for n in range(11))


def test_what_is_remarked_on_a_value_that_workloads_share_is_told_once() -> None:
    """A fault of each workload is told for each: it fails, and one waiver or one cure need not be the other's."""
    note = Diagnostic("AWS227", "nobody unpacks it", "unpack=…", Severity.NOTE, Where("spec.py", 3), field="model")
    notes = [replace(note, subject=f"fraud/{name}") for name in ("scorer", "nightly")]
    told = render(notes)
    assert told.count("AWS227") == 1
    assert "note: likewise fraud/" in told
    apart = [notes[0], replace(notes[1], where=Where("spec.py", 9))]
    assert render(apart).count("AWS227") == 2
    assert render([replace(one, severity=Severity.ERROR) for one in notes]).count("AWS227") == 2


def test_viewers_title_a_finding_by_its_rule() -> None:
    (rule,) = sarif(*untagged("r"))["runs"][0]["tool"]["driver"]["rules"]
    assert (rule["shortDescription"]["text"], rule["fullDescription"]["text"]) == (
        "Missing",
        "Bills are split by guessing.",
    )
    assert ",title=ML501%3A Missing::" in render(untagged("r"), "github")
