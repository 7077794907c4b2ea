"""What the engine will do to each resource on the way from one graph to the next.

The same decisions as Pulumi's and the provider's, made before either runs: a resource keeps its logical name or an
alias, else it is another one; a changed property replaces it where the vocabulary says so; a version of its own comes
up beside the former one; a lock that changes has what holds it deleted first. Tests compare all this with the
operations of `pulumi preview --json`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from mlstage.graph import VOCABULARY, Graph, Join, Ref, Resource, Value, in_dependency_order, transform
from mlstage.insight.unlike import PropertyChange, property_changes, same

# `renew` makes a new version beside the old one, which goes when all else has gone well; `forget` leaves it in AWS.
Operation = Literal["create", "update", "replace", "renew", "delete", "forget", "same"]
_INDEX: Final = re.compile(r"\[\d+\]")
# What another version of the same thing is told by; these change with every update in place.
_VOLATILE: Final = frozenset(
    {"version", "qualified_arn", "qualified_invoke_arn", "latest_version", "default_version", "code_sha256"}
)
_GONE: Final = "'"
# Services without regions; what is of any other is replaced when the stack's region changes, by the provider
# (pulumi_aws 7, terraform-provider-aws 6: the effective region of a resource forces a new one).
_GLOBAL: Final = ("aws.iam.", "aws.budgets.", "kubernetes.")


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to one resource. `deletes_first` tells a replacement that leaves a gap; `because` what forces it."""

    operation: Operation
    before: Resource | None
    after: Resource | None
    changes: tuple[PropertyChange, ...] = ()
    deletes_first: bool = False
    because: str = ""

    @property
    def resource(self) -> Resource:
        """The resource as it will be, or as it was if it goes."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def renamed_from(self) -> str:
        """The logical name that it had, if it had another one."""
        return self.before.name if self.before and self.after and self.before.name != self.after.name else ""

    def changed(self, name: str) -> bool:
        """Say whether a property, or a part of it, changes."""
        return any(change.name == name for change in self.changes)


def steps(before: Graph | None, after: Graph | None) -> tuple[Step, ...]:
    """Say for every resource of two graphs what happens to it, in the order of the new graph; what goes comes last."""
    old, new = before or Graph(()), after or Graph(())
    return tuple(_Way(old, new).steps())


class _Way:
    """From one graph to the other, resource by resource, what others depend on first."""

    def __init__(self, old: Graph, new: Graph) -> None:
        self.old, self.new = old, new
        self.former = {one.name: found for one in new.resources if (found := self._former(one)) is not None}
        self.later = {found.name: name for name, found in self.former.items()}
        self.done: dict[str, Step] = {}
        self.moved = bool(old.resources and new.resources and old.region and new.region and old.region != new.region)

    def steps(self) -> Iterator[Step]:
        for one in in_dependency_order(self.new):
            if not VOCABULARY[one.type].data:
                self.done[one.name] = self._step(one)
        yield from (self.done[one.name] for one in self.new.resources if one.name in self.done)
        for one in self.old.resources:
            if one.name not in self.later and not VOCABULARY[one.type].data:
                yield Step("forget" if one.options.retain_on_delete else "delete", one, None)

    def _former(self, one: Resource) -> Resource | None:
        """Find what a resource was: by its name, else by one that it had and that nothing else has now."""
        for name in (one.name, *one.options.aliases):
            found = self.old.by_name.get(name)
            taken = name != one.name and (other := self.new.by_name.get(name)) is not None and other.type == one.type
            if found is not None and found.type == one.type and not taken:
                return found
        return None

    def _step(self, one: Resource) -> Step:
        was = self.former.get(one.name)
        if was is None:
            return Step("create", None, one)
        kept = set(one.options.ignore_changes)
        changes = tuple(found for found in property_changes(was, one, self._alike) if found.name not in kept)
        if one.options.version != was.options.version:
            return Step("renew", was, one, changes, because=_names(changes))
        if self.moved and not one.type.startswith(_GLOBAL):
            return Step("replace", was, one, changes, deletes_first=_fixed_name(was, one), because="region")
        if self._lock_changes(one, was):
            return Step("replace", was, one, changes, deletes_first=True, because="lock")
        if one.options.trigger != was.options.trigger:
            return Step("replace", was, one, changes, one.options.delete_before_replace, because=one.options.trigger)
        if forcing := [change for change in changes if _replaces(one.type, change.path)]:
            first = one.options.delete_before_replace or _fixed_name(was, one)
            return Step("replace", was, one, changes, first, because=_names(forcing))
        return Step("update" if changes else "same", was, one, changes)

    def _lock_changes(self, one: Resource, was: Resource) -> bool:
        """Say whether what the resource has hold of changes in a way that AWS does not allow while it does."""
        if not one.options.locks or not was.options.locks:
            return False
        now, then = self.new.by_name[one.options.locks], self.old.by_name[was.options.locks]
        return dict(now.options.locked) != dict(then.options.locked)

    def _alike(self, before: Value, after: Value) -> bool:
        return same(transform(before, self._then), transform(after, self._now))

    def _then(self, value: Value) -> Value:
        match value:
            case Ref(resource, attribute):
                plain = self.old.by_name[resource].props.get(attribute)
                return plain if _plain(plain) else Ref(self.later.get(resource, f"{resource}{_GONE}"), attribute)
            case Join(parts):
                return _joined(self._then(part) for part in parts)
            case _:
                return value

    def _now(self, value: Value) -> Value:
        match value:
            case Ref(resource, attribute):
                return self._reference(resource, attribute)
            case Join(parts):
                return _joined(self._now(part) for part in parts)
            case _:
                return value

    def _reference(self, resource: str, attribute: str) -> Value:
        step = self.done.get(resource)
        plain = self.new.by_name[resource].props.get(attribute)
        if step is not None and step.deletes_first:
            return Ref(f"{resource}{_GONE}{_GONE}", attribute)  # nobody knows its values until it is there again
        if _plain(plain):
            return plain
        anew = step is not None and step.operation in ("create", "replace", "renew")
        newer = step is not None and step.operation == "update" and attribute in _VOLATILE
        return Ref(f"{resource}{_GONE}{_GONE}", attribute) if anew or newer else Ref(resource, attribute)


def _plain(value: Value) -> bool:
    return isinstance(value, str | int | float)


def _joined(parts: Iterator[Value]) -> Value:
    """Set side by side what is known as text, so that a reference to a name and the name itself are the same."""
    joined: list[str | Ref] = []
    for part in parts:
        if isinstance(part, Ref):
            joined.append(part)
        elif joined and isinstance(joined[-1], str):
            joined[-1] += str(part)
        else:
            joined.append(str(part))
    return Join(tuple(joined)) if any(isinstance(part, Ref) for part in joined) else "".join(map(str, joined))


def _replaces(type_name: str, path: str) -> bool:
    plain = _INDEX.sub("", path)
    return any(plain == name or plain.startswith(f"{name}.") for name in VOCABULARY[type_name].replaces)


# Names that Pulumi's providers make up where the author gives none. Where the author gave one, they delete the old one
# first; under other names (a task definition's family, a pipeline's) they make the new one first, as of any other.
_NAMES: Final = frozenset({"name", "bucket", "metadata.name"})


def _fixed_name(was: Resource, one: Resource) -> bool:
    """Say whether two could not be there at once, as both have one name of AWS's or of a cluster's."""
    name = VOCABULARY[one.type].physical_name
    return name in _NAMES and _at(was, name) == _at(one, name) is not None


def _at(resource: Resource, path: str) -> Value:
    found: Value = resource.props
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _names(changes: tuple[PropertyChange, ...] | list[PropertyChange]) -> str:
    return ", ".join(dict.fromkeys(change.name for change in changes))


def by_workload(found: tuple[Step, ...]) -> Mapping[str, tuple[Step, ...]]:
    """Give the steps by workload; what is the environment's own has the empty name."""
    names = dict.fromkeys(step.resource.workload for step in found)
    return {name: tuple(step for step in found if step.resource.workload == name) for name in names}
