"""A saved `pulumi preview --json` as a graph: what the stack will be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from mlstage.readers.errors import ReadError
from mlstage.readers.files import parse, read_text
from mlstage.readers.pulumi_stack import EngineResource, Reading, name_of, read_stack

_HOW: Final = "save one with `pulumi preview --json > preview.json`"


def read_preview_file(path: Path, tier: str = "") -> Reading:
    """Read a preview from a file. Raises `ReadError` that names it."""
    try:
        return read_preview(read_text(path, _HOW), tier)
    except ReadError as error:
        raise error.of(path.as_posix()) from error


def read_preview(text: str, tier: str = "") -> Reading:
    """Read a preview from its JSON. Raises `ReadError`, also where the preview itself failed."""
    document = parse(text, _HOW)
    if not isinstance(document, Mapping) or not isinstance(document.get("steps", []), list):
        raise ReadError("this is no preview: it must be an object with `steps`", _HOW)
    if "steps" not in document and "changeSummary" not in document and "diagnostics" not in document:
        raise ReadError("this is no preview: it has no `steps`", _HOW)
    if failures := list(_failures(document)):
        what = f"the preview failed, so there is nothing whole to judge: {'; '.join(failures)}"
        raise ReadError(what, f"mend that, then {_HOW}")
    try:
        reading = read_stack([_resource(state) for state in _states(document)], tier)
        config = {key: value for key, value in (document.get("config") or {}).items() if isinstance(value, str)}
        graph = replace(reading.graph, region=config.get("aws:region", ""))
        return replace(reading, graph=graph, config=config)
    except RecursionError as error:
        raise ReadError("a resource of the preview is nested too deeply to be read", _HOW) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ReadError(f"a step of the preview is not as Pulumi writes it ({error!r})", _HOW) from error


def _failures(document: Mapping[str, Any]) -> Iterator[str]:
    for diagnostic in document.get("diagnostics") or ():
        if isinstance(diagnostic, Mapping) and diagnostic.get("severity") == "error":
            yield " ".join(str(diagnostic.get("message", "")).split())


def _states(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield each resource's state after the preview's steps, once; a replacement shows up in several steps."""
    states: dict[str, Mapping[str, Any]] = {}
    for step in document.get("steps") or ():
        state = step.get("newState")
        if state is not None and step.get("op") not in ("delete", "delete-replaced"):
            states[state["urn"]] = state
    yield from states.values()


def _resource(state: Mapping[str, Any]) -> EngineResource:
    for key in ("urn", "type"):
        if not isinstance(state[key], str):
            raise TypeError(f"the {key} of a resource is {state[key]!r}")
    dependencies = state.get("propertyDependencies") or {}
    return EngineResource(
        urn=state["urn"],
        type=state["type"],
        name=name_of(state["urn"]),
        properties=state.get("inputs") or {},
        parent=state.get("parent", ""),
        dependencies=tuple(state.get("dependencies") or ()),
        property_dependencies={key: tuple(urns or ()) for key, urns in dependencies.items()},
        custom=bool(state.get("custom")),
        protect=bool(state.get("protect")),
    )
