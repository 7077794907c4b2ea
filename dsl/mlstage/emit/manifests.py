"""What mlstage wrote into a folder: its manifest, and what names the files of a write that was interrupted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from mlstage.diagnostics import Diagnostic, Where
from mlstage.emit.plans import MANIFEST_VERSION, EmitError, manifest_of


def journal_of(folder: str) -> str:
    """Give the path of what names the files that an interrupted write had in hand: the next one knows them by it."""
    return f"{folder}/.mlstage-writing.json"


def known(root: Path, folder: str, *, force: bool = False) -> dict[str, set[str]]:
    """Collect, by path, the digests of what mlstage wrote: the manifest's, and those of an interrupted write.

    Raises `EmitError` for a manifest that cannot be read, unless `force` is given.
    """
    found: dict[str, set[str]] = {}
    for path, content in _noted(root, folder, force=force):
        found.setdefault(path, set()).add(content)
    return found


def manifest_there(root: Path, folder: str) -> dict[str, Any]:
    """Read a folder's manifest; it is empty if there is none. Raises `EmitError` for one that cannot be read."""
    manifest = manifest_of(folder)
    try:
        document = _document(root, manifest)
        dict(_in_manifest(document, folder))  # as whoever compares reads it
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        why = f"{type(error).__name__}: {error}"
        what = f"{manifest} cannot be read, so edited files cannot be told from generated ones"
        instead = "`mlstage compile --force`, which writes everything anew (after a merge, for example)"
        raise EmitError([Diagnostic("GEN104", what, instead, where=Where(manifest), why=why)]) from None
    return document


def _noted(root: Path, folder: str, *, force: bool) -> Iterator[tuple[str, str]]:
    try:
        yield from _in_manifest(manifest_there(root, folder), folder)
    except EmitError:
        if not force:
            raise
    with suppress(ValueError, TypeError, KeyError, AttributeError):
        for path, contents in _document(root, journal_of(folder)).get("digests", {}).items():
            yield from ((path, content) for content in contents)


def _in_manifest(manifest: Mapping[str, Any], folder: str) -> Iterator[tuple[str, str]]:
    """Read either kind: that of programs, which their `__main__.py` reads as well, and the plain list of all others."""
    if not manifest:
        return
    if "files" in manifest:
        for file, content in manifest["files"].items():
            yield _below(folder, file), str(content)
        return
    yield f"{folder}/__main__.py", str(manifest["main"])
    for stack in manifest["stacks"].values():
        for program in stack["programs"].values():
            yield _below(folder, program["file"]), str(program["sha256"])


def _below(folder: str, file: str) -> str:
    # A manifest is only a file: it must not make us remove what lies elsewhere.
    if any(part in ("", ".", "..") or "\\" in part or ":" in part for part in file.split("/")):
        raise ValueError(f"{file!r} is no path below {folder}/")
    return f"{folder}/{file}"


def _document(root: Path, path: str) -> dict[str, Any]:
    content = read(root / path)
    if content is None:
        return {}
    document = json.loads(content)
    if document["version"] != MANIFEST_VERSION:
        raise ValueError(f"it has version {document['version']!r}, and this mlstage reads {MANIFEST_VERSION}")
    return dict(document)


def read(path: Path) -> bytes | None:
    """Read a file; None if there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
