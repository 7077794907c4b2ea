"""A folder of generated files as it should be: what every output format gives, and `compile` writes or compares."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from mlstage.diagnostics import Diagnostic

MANIFEST_VERSION: Final = 1


class EmitError(Exception):
    """Problems of the user's that stop files from being written, all of them."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(f"{one.code}: {one.what}" for one in self.diagnostics))


@dataclass(frozen=True, slots=True)
class Plan:
    """Every file that should be in a folder, by its path from the project's root; the manifest is the last.

    Files that the manifest does not name are somebody else's, and stay as they are; so do those that are `kept`, of
    which this plan says nothing. `specs` are those that it was made of, if they are not all of the project.
    """

    folder: str
    files: Mapping[str, bytes]
    kept: frozenset[str] = frozenset()
    specs: frozenset[str] | None = None

    @property
    def manifest(self) -> str:
        """The path of the folder's manifest."""
        return manifest_of(self.folder)


def manifest_of(folder: str) -> str:
    """Give the path of a folder's manifest, which tells what mlstage wrote from what people did."""
    return f"{folder}/manifest.json"


def digest(content: bytes) -> str:
    """Digest a file's content, whatever its line ends: a checkout on Windows is the same file."""
    return sha256(content.replace(b"\r\n", b"\n")).hexdigest()


def as_manifest(document: Mapping[str, Any]) -> bytes:
    """Write a manifest."""
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def plan_of(folder: str, files: Mapping[str, str], specs: Mapping[str, str], *, version: str) -> Plan:
    """Plan a folder from texts by their paths from the project's root, with a manifest that names them all.

    `specs` gives the spec of each environment. What is below a folder of an environment's name is the environment's.
    """
    contents = {path: text.encode() for path, text in sorted(files.items())}
    manifest = {
        "about": "Written by `mlstage compile`. It tells what was edited by hand since.",
        "version": MANIFEST_VERSION,
        "mlstage": version,
        "environments": {name: {"spec": spec} for name, spec in sorted(specs.items())},
        "files": {path.removeprefix(f"{folder}/"): digest(content) for path, content in contents.items()},
    }
    return Plan(folder, {**contents, manifest_of(folder): as_manifest(manifest)})
