"""Read `Pulumi.<stack>.yaml`: the stack's region and overrides, each with its line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, Protocol

import yaml

from mlstage.diagnostics import Diagnostic, Where
from mlstage.resolve.plain_yaml import RepeatedKey, read_yaml
from mlstage.spec.site import shown_path

REGION: Final = "aws:region"
OVERRIDES: Final = "mlstage:overrides"
_CONFIG: Final = f"`config:` and below it, indented by spaces, `{REGION}: us-east-1`"


@dataclass(frozen=True, slots=True)
class StackFile:
    """What mlstage needs of a stack's file. `lines` gives the line of each key by its path."""

    stack: str
    file: str
    region: str = ""
    overrides: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[tuple[str, ...], int] = field(default_factory=dict)

    def where(self, *path: str) -> Where:
        """Give the place of an override, or of the nearest thing above it."""
        keys = ("config", OVERRIDES, *path)
        while keys and keys not in self.lines:
            keys = keys[:-1]
        return Where(self.file, self.lines.get(keys, 0))

    def where_of_region(self) -> Where:
        """Give the place of the region."""
        return Where(self.file, self.lines.get(("config", REGION), 0))


def stack_path(root: Path, stack: str) -> Path:
    """Say where Pulumi keeps a stack's configuration."""
    return root / f"Pulumi.{stack}.yaml"


def read_stack_file(root: Path, stack: str) -> tuple[StackFile | None, tuple[Diagnostic, ...]]:
    """Read a stack's file; what is wrong with it comes back as diagnostics and no file."""
    path = stack_path(root, stack)
    name = shown_path(str(path))
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        instead = f"`{name}` with {_CONFIG}, or `pulumi config set {REGION} us-east-1 --stack {stack}`"
        what = f"stack {stack!r} has no file, so its region is not known"
        return None, (Diagnostic("SPEC201", what, instead, where=Where(name), stack=stack),)
    except (OSError, UnicodeDecodeError) as error:
        return None, (_unreadable(name, stack, f"cannot be read: {error}", 0, "a file in UTF-8 that may be read"),)
    lines: dict[tuple[str, ...], int] = {}
    try:
        content = read_yaml(text, lines)
    except RepeatedKey as error:
        what, line = f"has {error.key!r} twice", error.line
        return None, (_unreadable(name, stack, what, line, "one of the two"),)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        said = getattr(error, "problem", None) or str(error).partition("\n")[0]
        line, instead = mark.line + 1 if mark else 0, f"correct YAML there, such as {_CONFIG}"
        return None, (_unreadable(name, stack, f"is no YAML: {said}", line, instead),)
    return _from_content(stack, name, content, lines)


def _from_content(
    stack: str, name: str, content: object, lines: dict[tuple[str, ...], int]
) -> tuple[StackFile | None, tuple[Diagnostic, ...]]:
    config = content.get("config") if isinstance(content, dict) else None
    if not isinstance(config, dict):
        line = lines.get(("config",), 0)
        return None, (_unreadable(name, stack, "has no `config:` with keys below it", line, _CONFIG),)
    region = config.get(REGION)
    if not isinstance(region, str) or not region:
        instead = f"`{REGION}: us-east-1` below `config:`, or `pulumi config set {REGION} us-east-1 --stack {stack}`"
        what = f"{REGION} of stack {stack!r} is {region!r}, not the name of a region"
        if region is None:
            what = f"stack {stack!r} has no {REGION}"
        where = Where(name, lines.get(("config", REGION), lines.get(("config",), 0)))
        return None, (Diagnostic("SPEC201", what, instead, where=where, stack=stack),)
    overrides, fault, key = _overrides(config.get(OVERRIDES))
    if fault:
        where = StackFile(stack, name, lines=lines).where(*key)
        instead = "workloads, and below each the fields to override: `scorer: {instance: ml.m5.2xlarge}`"
        return None, (Diagnostic("SPEC202", f"`{OVERRIDES}` {fault}", instead, where=where, stack=stack),)
    return StackFile(stack, name, region, overrides, lines), ()


def _overrides(value: object) -> tuple[dict[str, Any], str, tuple[str, ...]]:
    """Give the overrides by workload; or what is wrong with them, and the key that is to blame."""
    if isinstance(value, str):  # `pulumi config set` without --path stores an object as JSON text
        try:
            value = json.loads(value)
        except ValueError as error:
            return {}, f"is a text that is no JSON: {error}", ()
    if value is None:
        return {}, "", ()
    if not isinstance(value, dict):
        return {}, f"is {value!r}, not a mapping", ()
    for key, fields in value.items():
        if not isinstance(fields, dict):
            fault = "no fields" if fields is None else f"the value {fields!r}, not a mapping of fields"
            return {}, f"gives {key!r} {fault}", (str(key),)
    return {str(key): fields for key, fields in value.items()}, "", ()


def _unreadable(name: str, stack: str, what: str, line: int, instead: str) -> Diagnostic:
    return Diagnostic("SPEC201", f"the file of stack {stack!r} {what}", instead, where=Where(name, line), stack=stack)


class Names(Protocol):
    """The names of an environment, of its stacks and of its workloads."""

    @property
    def name(self) -> str:
        """The environment's own name."""
        ...

    @property
    def stages(self) -> Sequence[str]:
        """The names of its stacks."""
        ...

    @property
    def workloads(self) -> Sequence[str]:
        """The names of its workloads."""
        ...


def unknown_overrides(environments: Sequence[Names], stack_file: StackFile) -> Iterator[Diagnostic]:
    """Yield an error for each override of a workload that none of the environments has in this stack."""
    names: dict[str, list[str]] = {}
    for environment in environments:
        if stack_file.stack in environment.stages:
            for workload in environment.workloads:
                names.setdefault(workload, []).append(environment.name)
    qualified = [f"{environment}/{name}" for name, owners in names.items() for environment in owners]
    for key in stack_file.overrides:
        if key in qualified or len(names.get(key, ())) == 1:
            continue
        if key in names:
            what = f"{key!r} is a workload of {' and of '.join(names[key])}"
            instead = " or ".join(f"`{environment}/{key}:`" for environment in names[key])
        else:
            close = get_close_matches(key, [*names, *qualified], n=1)
            what = f"override of {key!r}, which is no workload of stack {stack_file.stack!r}"
            instead = f"`{close[0]}:`" if close else f"one of {', '.join(names)}"
        yield Diagnostic("SPEC203", what, instead, where=stack_file.where(key), field=key, stack=stack_file.stack)
