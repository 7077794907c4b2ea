"""Diagnostics as a JUnit report, which every CI server shows.

Errors fail, and what is wrong with the input itself is an error of the run. What is undecided or waived is skipped,
with its reason; warnings pass, with what they say as output.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Final
from xml.etree import ElementTree

from mlstage.diagnostics.model import Diagnostic, Kind, Severity, Summary

# What XML 1.0 cannot hold, however it is written.
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(diagnostics: Sequence[Diagnostic], summary: Summary) -> str:
    """Write one suite with a case for each diagnostic; without any, with one case that passes."""
    suite = ElementTree.Element("testsuite", {"name": "mlstage"})
    if summary.facts:
        _properties(suite, summary)
    for one in diagnostics:
        _case(suite, one)
    if not diagnostics:
        ElementTree.SubElement(suite, "testcase", {"classname": "mlstage", "name": "no problems", "time": "0"})
    if summary.lines:
        ElementTree.SubElement(suite, "system-out").text = _clean("\n".join(summary.lines))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(len(suite.findall(f"testcase/{tag}"))))
    suite.set("tests", str(len(suite.findall("testcase"))))
    suite.set("time", "0")
    suites = ElementTree.Element("testsuites", {"name": "mlstage"})
    suites.append(suite)
    ElementTree.indent(suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(suites, encoding="unicode")}\n'


def _properties(suite: ElementTree.Element, summary: Summary) -> None:
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in summary.facts.items():
        ElementTree.SubElement(
            properties, "property", {"name": name, "value": _clean(json.dumps(value, ensure_ascii=False))}
        )


def _case(suite: ElementTree.Element, one: Diagnostic) -> None:
    name = " ".join(part for part in (one.code, one.subject, one.field, one.stack and f"({one.stack})") if part)
    place = {"file": one.where.file} if one.where else {}
    if one.where and one.where.line:
        place["line"] = str(one.where.line)
    listed = {"classname": one.where.file if one.where else "mlstage", "name": name, "time": "0", **place}
    case = ElementTree.SubElement(suite, "testcase", {key: _clean(value) for key, value in listed.items()})
    said = f"{one.where}: {one.what}" if one.where else one.what
    text = _clean("\n".join(part for part in (said, one.why, f"fix: {one.instead}") if part))
    what = _clean(one.what)
    if one.severity is Severity.ERROR:
        tag = "failure" if one.code.startswith("ML") else "error"
        ElementTree.SubElement(case, tag, {"type": one.code, "message": what}).text = text
    elif one.kind is not Kind.PROBLEM:
        ElementTree.SubElement(case, "skipped", {"message": what})
    else:
        ElementTree.SubElement(case, "system-out").text = text


def _clean(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
