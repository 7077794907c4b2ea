"""What the providers know of each resource type: its properties, what Terraform calls them, and which are blocks.

The table `data/properties.tsv` is derived from the schema of the Terraform provider and from `pulumi_aws`, and holds
what both have: `python -m mlstage.offline.vocabulary` says what an upgrade of either changes, and `--write` renews it.
A new type of the vocabulary has no rows before that.

Objects of Kubernetes have a table of their own, `data/kubernetes.tsv`, derived from `pulumi_kubernetes` by
`python -m mlstage.offline.kubernetes_vocabulary`: a row for a property of an object, wherever that object is held.
Terraform takes them as manifests, so what such a property is called there is its name in a manifest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Final, Literal, get_args

# `block` is a nested block of which there is at most one: an object in Pulumi, a list of one in Terraform. `blocks` may
# be many. `object` and `objects` are the same as attributes, which Terraform takes as values. `single` is one value
# in Pulumi and a list of one in Terraform. A `number` may be one in Pulumi alone: a plan of Terraform's then has text.
Kind = Literal["text", "number", "bool", "list", "set", "map", "any", "block", "blocks", "object", "objects", "single"]
Use = Literal["required", "optional", "output"]

FILE: Final = "properties.tsv"
HEADER: Final = ("type", "property", "terraform", "kind", "use")
OBJECTS_FILE: Final = "kubernetes.tsv"
OBJECTS_HEADER: Final = ("object", "property", "manifest", "kind", "holds", "use")
_INDEX: Final = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Property:
    """One property: `name` is Pulumi's, `terraform` Terraform's; `inside` are the properties of what it holds."""

    name: str
    terraform: str
    kind: Kind
    use: Use
    inside: Mapping[str, Property] = field(default_factory=dict)

    @property
    def settable(self) -> bool:
        """Whether an author can set it, rather than only read it."""
        return self.use != "output"

    @property
    def nested(self) -> bool:
        """Whether Terraform holds it as a nested block."""
        return self.kind in ("block", "blocks")

    @property
    def many(self) -> bool:
        """Whether its value is a list."""
        return self.kind in ("list", "set", "blocks", "objects")


class UnknownProperty(LookupError):
    """A type or property that the table lacks."""


@cache
def properties_of(type_name: str) -> Mapping[str, Property]:
    """Give the properties of a type of the vocabulary, by Pulumi's names. Raises `UnknownProperty` without rows."""
    if type_name in _objects():
        return _objects()[type_name]
    rows = _rows_by_type().get(type_name)
    if rows is None:
        what = f"{type_name} has no rows in {FILE}: `python -m mlstage.offline.vocabulary --write` adds them"
        raise UnknownProperty(what)
    return _tree(rows)


@cache
def terraform_properties(type_name: str) -> Mapping[str, Property]:
    """Give the properties of a type by Terraform's names."""
    return by_terraform_name(properties_of(type_name))


def by_terraform_name(properties: Mapping[str, Property]) -> Mapping[str, Property]:
    """Index properties, of a type or inside one, by Terraform's names."""
    return {one.terraform: one for one in properties.values()}


def terraform_path(type_name: str, path: str) -> str:
    """Translate a path into a property: `dns_entries[0].dns_name` to Terraform's `dns_entry[0].dns_name`.

    Raises `UnknownProperty` for a path that is not in the table.
    """
    return path_in(properties_of(type_name), path, type_name)


def path_in(known: Mapping[str, Property], path: str, of: str) -> str:
    """Translate a path into properties, by Pulumi's names, to Terraform's. Raises `UnknownProperty` that names `of`."""
    parts, names = [], path.split(".")
    for position, name in enumerate(names, 1):
        index = "".join(_INDEX.findall(name))
        one = known.get(_INDEX.sub("", name))
        if one is None:
            raise UnknownProperty(f"{of} has no property {path!r} that both providers know")
        # What is a list of one for Terraform needs its index, unless the block as a whole is meant.
        listed = one.kind == "single" or (one.kind == "block" and position < len(names))
        parts.append(one.terraform + (index or "[0]" if listed else index))
        known = one.inside
    return ".".join(parts)


def _tree(rows: list[tuple[str, ...]]) -> Mapping[str, Property]:
    """Build from rows in which whatever holds others comes before them."""
    top: dict[str, Property] = {}
    found: dict[str, dict[str, Property]] = {}
    for path, terraform, kind, use in rows:
        above, _, name = path.rpartition(".")
        inside: dict[str, Property] = {}
        found[path] = inside
        level = found[above] if above else top
        level[name] = Property(name, terraform or name, _kind(kind), _use(use), inside)
    return top


def _kind(text: str) -> Kind:
    assert text in get_args(Kind), text
    return text  # type: ignore[return-value]


def _use(text: str) -> Use:
    assert text in get_args(Use), text
    return text  # type: ignore[return-value]


@cache
def _objects() -> Mapping[str, Mapping[str, Property]]:
    """Read the kinds of Kubernetes and the objects that they hold; one object has one mapping, wherever it is held."""
    found: dict[str, dict[str, Property]] = {}
    for name, key, manifest, kind, holds, use in table_rows(table_text(OBJECTS_FILE)):
        inside = found.setdefault(holds, {}) if holds else {}
        found.setdefault(name, {})[key] = Property(key, manifest or key, _kind(kind), _use(use), inside)
    return found


@cache
def _rows_by_type() -> Mapping[str, list[tuple[str, ...]]]:
    rows: dict[str, list[tuple[str, ...]]] = {}
    for type_name, *rest in table_rows(table_text()):
        rows.setdefault(type_name, []).append(tuple(rest))
    return rows


def table_text(file: str = FILE) -> str:
    """Read a table as it is committed."""
    return (files("mlstage.graph") / "data" / file).read_text(encoding="utf-8")


def table_rows(text: str) -> Iterator[tuple[str, ...]]:
    """Split a table's text into rows, without comments and heading."""
    for line in text.splitlines():
        row = tuple(line.split("\t"))
        if line and not line.startswith("#") and row not in (HEADER, OBJECTS_HEADER):
            yield row
