"""Some specs of a project compiled alone: their files are written, and those of the others stay, in the manifest too.

Either kind of manifest names the environments that it tells of, each with its spec.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlstage.diagnostics import Diagnostic, Where
from mlstage.emit.manifests import manifest_there
from mlstage.emit.plans import EmitError, Plan, as_manifest

_Entries = dict[str, Any]


def beside_others(plan: Plan, root: Path) -> Plan:
    """Have a plan that is of some specs only leave in place what the manifest knows of all others.

    To be asked where no other write can come between. Raises `EmitError` where it is not possible: `_Ties` says when.
    """
    if plan.specs is None:
        return plan
    before, after = manifest_there(root, plan.folder), json.loads(plan.files[plan.manifest])
    if not before and "stacks" not in after:
        return plan
    ties = _Ties(plan, before, after, plan.specs)
    if faults := [*ties.faults(root)]:
        raise EmitError(faults)
    merged, kept = ties.programs() if "stacks" in after else ties.files()
    return Plan(plan.folder, {**plan.files, plan.manifest: as_manifest(merged)}, kept=frozenset(kept))


@dataclass(frozen=True, slots=True)
class _Ties:
    """What is written now, and what was there: the environments of other specs stay, unless they are tied to these.

    All programs of a stack are one for Pulumi: what it does not see, it deletes. They also share the stack's file.
    """

    plan: Plan
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    specs: frozenset[str]

    @property
    def others(self) -> Mapping[str, Any]:
        """The environments that stay."""
        known: Mapping[str, Any] = self.before.get("environments", {})
        written = self.after["environments"]
        return {name: one for name, one in known.items() if name not in written and one["spec"] not in self.specs}

    def faults(self, root: Path) -> Iterator[Diagnostic]:
        """Yield an error for everything that ties these specs to others."""
        if not self.before:
            yield self._fault("has not been written as a whole yet, and what Pulumi does not see there it deletes")
        for name, one in self.after["environments"].items():
            spec = self.before.get("environments", {}).get(name, one)["spec"]
            if spec != one["spec"] and spec not in self.specs and (root / spec).is_file():
                what = f"the environment {name!r} of {one['spec']} is that of {spec} already"
                yield Diagnostic("GEN105", what, "another name for one of them", where=Where(one["spec"]))
        for stack, now in self.after.get("stacks", {}).items():
            then = self.before.get("stacks", {}).get(stack, now)
            if then["programs"].keys() & self.others.keys() and _shared(then) != _shared(now):
                yield self._fault(f"has programs of other specs, compiled before Pulumi.{stack}.yaml was changed")

    def _fault(self, what: str) -> Diagnostic:
        instead = "`mlstage compile`, without SPEC; specs that did not change take no time"
        return Diagnostic("GEN114", f"{self.plan.folder}/ {what}", instead, where=Where(self.plan.folder))

    def files(self) -> tuple[_Entries, list[str]]:
        """Join two manifests that list files below a folder for each environment; give also the files that stay."""
        known: Mapping[str, str] = self.before["files"]
        gone = self.before.get("environments", {}).keys() - self.others.keys() | self.after["environments"].keys()
        kept = {path: digest for path, digest in known.items() if path.partition("/")[0] not in gone}
        joined = {**self.after, "environments": self._environments(), "files": _sorted(kept | self.after["files"])}
        return joined, [f"{self.plan.folder}/{path}" for path in kept]

    def programs(self) -> tuple[_Entries, list[str]]:
        """Join two manifests of programs, which are listed by stack; give also the programs that stay."""
        known: Mapping[str, Any] = self.before["stacks"]
        stacks = {stack: self._stack(stack) for stack in known.keys() | self.after["stacks"].keys()}
        joined = {**self.after, "environments": self._environments(), "stacks": _sorted(stacks)}
        joined["stacks"] = {stack: one for stack, one in joined["stacks"].items() if one["programs"]}
        listed = (entry for stack in known.values() for entry in stack["programs"].items())
        return joined, [f"{self.plan.folder}/{one['file']}" for name, one in listed if name in self.others]

    def _environments(self) -> _Entries:
        return _sorted({**self.others, **self.after["environments"]})

    def _stack(self, stack: str) -> _Entries:
        then = self.before["stacks"].get(stack, {"programs": {}, "waivers": []})
        now = self.after["stacks"].get(stack, {"programs": {}, "waivers": []})
        programs = {name: one for name, one in then["programs"].items() if name in self.others} | now["programs"]
        waivers = [*(one for one in then["waivers"] if one["environment"] in self.others), *now["waivers"]]
        ordered = sorted(waivers, key=lambda one: str(one["environment"]))
        return {**then, **now, "waivers": ordered, "programs": _sorted(programs)}


def _shared(stack: Mapping[str, Any]) -> tuple[Any, Any]:
    return stack["region"], stack["overrides"]


def _sorted(entries: Mapping[str, Any]) -> _Entries:
    return dict(sorted(entries.items()))
