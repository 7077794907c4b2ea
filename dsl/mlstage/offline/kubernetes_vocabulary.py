"""`python -m mlstage.offline.kubernetes_vocabulary [--write]`: what `pulumi_kubernetes` changes in its table.

Reads every kind of Kubernetes in the vocabulary from the installed package and compares it with
`graph/data/kubernetes.tsv`. The table has a row for each property of each object that such a kind holds, once: a pod is
inside many of them.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mlstage.graph import VOCABULARY
from mlstage.graph.properties import OBJECTS_FILE, OBJECTS_HEADER, Kind, table_rows, table_text

if TYPE_CHECKING:
    from mlstage.offline.provider.reflect import Reader

Row = tuple[str, ...]
_PACKAGE: Final = "pulumi_kubernetes"
_SCALARS: Final[dict[str, Kind]] = {"s": "text", "i": "number", "n": "number", "b": "bool", "*": "any", "f": "any"}
# What the type of a resource says already.
_OF_THE_TYPE: Final = frozenset({"api_version", "kind"})


def table() -> str:
    """Write the table for the installed package."""
    from mlstage.offline.provider.schema import KUBERNETES, package_version

    lines = [
        "# What the kinds of Kubernetes in the vocabulary hold, by Pulumi's names and by those of a manifest: derived.",
        "# python -m mlstage.offline.kubernetes_vocabulary --write",
        f"# pulumi_kubernetes {package_version(KUBERNETES)}",
        "\t".join(OBJECTS_HEADER),
    ]
    return "\n".join([*lines, *sorted(map("\t".join, _rows()))]) + "\n"


def _rows() -> Iterator[Row]:
    from mlstage.offline.provider.reflect import Reader, arguments_of

    reader = Reader(_PACKAGE)
    metadata: Row = ()
    for info in sorted((one for one in VOCABULARY.values() if one.kind and not one.custom), key=lambda one: one.name):
        module, _, class_name = info.name.removeprefix("kubernetes.").rpartition(".")
        arguments = arguments_of(getattr(importlib.import_module(f"{_PACKAGE}.{module}"), class_name))
        assert arguments is not None, info.name
        for row in _rows_of(info.name, arguments, reader.fields(arguments), reader):
            if row[1] not in _OF_THE_TYPE:
                yield row
            metadata = row if row[1] == "metadata" else metadata
    for info in (one for one in VOCABULARY.values() if one.custom):
        yield (info.name, *metadata[1:])
        yield info.name, "spec", "", "any", "", "optional"
    for cls, name in reader.names.items():
        yield from _rows_of(_object_name(cls), cls, reader.types[name], reader)


def _rows_of(name: str, cls: type, fields: Mapping[str, Any], reader: Reader) -> Iterator[Row]:
    """Yield the rows of an arguments class."""
    spelt = {getattr(m.fget, "_pulumi_name", key): key for key, m in vars(cls).items() if isinstance(m, property)}
    classes = {known: held for held, known in reader.names.items()}
    for manifest, (shape, required, _, _) in fields.items():
        kind, inner = _kind(shape)
        python = spelt[manifest]
        holds = _object_name(classes[inner]) if inner else ""
        yield name, python, "" if python == manifest else manifest, kind, holds, "required" if required else "optional"


def _object_name(cls: type) -> str:
    """Name an object by its module and class: `core.v1.PodSpec`."""
    module = cls.__module__.removeprefix(f"{_PACKAGE}.").removesuffix("._inputs")
    return f"{module}.{cls.__name__.removesuffix('Args')}"


def _kind(shape: Any) -> tuple[Kind, str]:
    """Give the kind of a property's shape, and the name of the object that it holds."""
    match shape:
        case str():
            return _SCALARS[shape], ""
        case ["[", ["@", name]]:
            return "objects", name
        case ["[", _]:
            return "list", ""
        case ["{", _]:
            return "map", ""
        case ["@", name]:
            return "object", name
        case _:
            return "any", ""


def main(arguments: list[str] | None = None) -> int:
    """Print what differs; 1 when something differs and was not written."""
    parser = argparse.ArgumentParser(prog="python -m mlstage.offline.kubernetes_vocabulary", description=__doc__)
    parser.add_argument("--write", action="store_true", help="renew the table")
    options = parser.parse_args(arguments)
    committed, fresh = table_text(OBJECTS_FILE), table()
    old, new = ({row[:2]: row[2:] for row in table_rows(text)} for text in (committed, fresh))
    found = [
        f"{'gone' if key not in new else 'new or changed'}: {' '.join(key)}"
        for key in sorted(old | new)
        if old.get(key) != new.get(key)
    ]
    print("\n".join(found) if found else "the table is what the installed package says")
    if options.write and fresh != committed:
        path = Path(__file__).parent.parent / "graph" / "data" / OBJECTS_FILE
        path.write_text(fresh, encoding="utf-8", newline="\n")
    return 0 if options.write or not found else 1


if __name__ == "__main__":
    sys.exit(main())
