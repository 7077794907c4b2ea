"""What `mlstage compile` leaves in `programs/`: every program, the one that picks among them, and the manifest."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any, Final

from mlstage.diagnostics import Diagnostic, Where
from mlstage.emit.plans import MANIFEST_VERSION, EmitError, Plan, as_manifest, digest, manifest_of
from mlstage.emit.printer import UnprintableError
from mlstage.emit.pulumi_program import emit_program, templates
from mlstage.emit.variables import module_name
from mlstage.graph import Graph

FOLDER: Final = "programs"
MAIN: Final = f"{FOLDER}/__main__.py"


@dataclass(frozen=True, slots=True)
class Waiver:
    """An exception to a rule, as the manifest carries it to the policy pack. `until` is an ISO date."""

    rule: str
    environment: str
    workload: str
    reason: str
    until: str


@dataclass(frozen=True, slots=True)
class CompiledProgram:
    """One environment in one stack, ready to be written.

    `spec_file` and the keys of `sources` are relative to the project's root with forward slashes; `sources` has every
    local file that the spec read, itself included, with its `digest`. `overrides` are the entries of the stack's
    `mlstage:overrides` that concern the environment: together, a stack's programs must name all that its file has.
    Where only some specs are compiled, they are all entries of the file.
    """

    environment: str
    stack: str
    spec_file: str
    sources: Mapping[str, str]
    region: str
    graph: Graph
    overrides: Mapping[str, Any]
    waivers: Sequence[Waiver] = ()

    @property
    def file(self) -> str:
        """The program's place below `programs/`; no name can lead out of it."""
        return f"{module_name(self.environment)}/{module_name(self.stack)}.py"


def digest_of_overrides(overrides: Mapping[str, Any]) -> str:
    """Digest a stack's overrides as canonical JSON, as the generated `__main__.py` does from Pulumi's configuration."""
    return digest(json.dumps(_plain(overrides), sort_keys=True, separators=(",", ":"), default=str).encode())


def _plain(value: Any) -> Any:
    # YAML and JSON readers disagree on whether 2.0 is 2.
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def plan(programs: Iterable[CompiledProgram], *, version: str) -> Plan:
    """Make every file of `programs/`. Raises `EmitError` with all that stands against it."""
    ordered = sorted(programs, key=lambda one: (one.environment, one.stack))
    faults = [*colliding(ordered, lambda one: f"{FOLDER}/{one.file}"), *_outside(ordered)]
    texts: dict[str, bytes] = {}
    for program in ordered:
        try:
            text = emit_program(program.graph, spec=program.spec_file, version=version)
            texts[f"{FOLDER}/{program.file}"] = text.encode()
        except UnprintableError as error:
            what = f"environment {program.environment!r} cannot be written as a program: {error}"
            where = Where(program.spec_file)
            faults.append(Diagnostic("GEN107", what, "a value without it", where=where, stack=program.stack))
    if faults:
        raise EmitError(faults)
    main = templates().get_template("main.py.j2").render().encode()
    manifest = _manifest(ordered, texts, main, version)
    return Plan(FOLDER, {**texts, MAIN: main, manifest_of(FOLDER): manifest})


def colliding(programs: Iterable[CompiledProgram], place: Callable[[CompiledProgram], str]) -> Iterator[Diagnostic]:
    """Yield an error for every two programs that would be written to one place."""
    # Compared without case, as the file systems of macOS and Windows do.
    found: dict[str, CompiledProgram] = {}
    for program in programs:
        other = found.setdefault(place(program).casefold(), program)
        if other is not program:
            names = f"{other.environment}/{other.stack} and {program.environment}/{program.stack}"
            what = f"{names} would share the file {place(program)}"
            yield Diagnostic("GEN105", what, "names that differ in letters or digits", where=Where(program.spec_file))


def _outside(programs: Sequence[CompiledProgram]) -> Iterator[Diagnostic]:
    for program in programs:
        for source in program.sources:
            path = PurePosixPath(source)
            if path.is_absolute() or ".." in path.parts or "\\" in source or ":" in path.parts[0]:
                what = f"environment {program.environment!r} reads {source}, which lies outside the project"
                where = Where(program.spec_file)
                yield Diagnostic("GEN106", what, "a copy of the file in the project", where=where)


def _manifest(programs: Sequence[CompiledProgram], texts: Mapping[str, bytes], main: bytes, version: str) -> bytes:
    stacks = sorted({program.stack for program in programs})
    document = {
        "about": "Written by `mlstage compile`. It tells whether the programs still match their specs.",
        "version": MANIFEST_VERSION,
        "mlstage": version,
        "main": digest(main),
        "environments": {
            program.environment: {"spec": program.spec_file, "sources": dict(sorted(program.sources.items()))}
            for program in programs
        },
        "stacks": {stack: _stack([one for one in programs if one.stack == stack], texts) for stack in stacks},
    }
    return as_manifest(document)


def _stack(programs: Sequence[CompiledProgram], texts: Mapping[str, bytes]) -> dict[str, Any]:
    regions = {program.region for program in programs}
    if len(regions) != 1:
        raise ValueError(f"stack {programs[0].stack!r} has several regions: {sorted(regions)}")
    overrides = {key: value for program in programs for key, value in program.overrides.items()}
    waivers = {waiver: None for program in programs for waiver in program.waivers}
    return {
        "region": programs[0].region,
        "overrides": digest_of_overrides(overrides),
        "waivers": [asdict(waiver) for waiver in waivers],
        "programs": {
            program.environment: {"file": program.file, "sha256": digest(texts[f"{FOLDER}/{program.file}"])}
            for program in programs
        },
    }
