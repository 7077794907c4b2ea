"""`python -m mlstage.offline.vocabulary [--write]`: what the installed providers change in the table of properties.

Reads the schema of the Terraform provider (`terraform providers schema -json`) and the installed `pulumi_aws`, and
compares what both have of every type of the vocabulary with `graph/data/properties.tsv`.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mlstage.graph import VOCABULARY, TypeInfo
from mlstage.graph.properties import FILE, HEADER, Kind, table_rows, table_text
from mlstage.offline.errors import OfflineError
from mlstage.offline.terraform import find_terraform

Row = tuple[str, ...]
# What `mlstage.offline.provider.reflect` says of a property: its shape, whether it can be set, whether it must be.
Fields = dict[str, tuple[Any, bool, bool]]

_PROVIDER: Final = '{"terraform": {"required_providers": {"aws": {"source": "hashicorp/aws"}}}}'
_LATER_KINDS: Final[Mapping[str, Kind]] = {"s": "text", "i": "number", "n": "number", "b": "bool"}
_SCALARS: Final[Mapping[str, Kind]] = {"string": "text", "number": "number", "bool": "bool", "dynamic": "any"}


@dataclass(frozen=True, slots=True)
class Providers:
    """The two providers as they are installed."""

    terraform: Mapping[str, Any]
    terraform_version: str
    pulumi_version: str


def installed() -> Providers:
    """Ask both providers. Raises `OfflineError` when one is not to be had."""
    from mlstage.offline.provider.schema import package_version

    tool = find_terraform()
    with tempfile.TemporaryDirectory(prefix="mlstage-schema-") as work:
        folder = Path(work)
        (folder / "main.tf.json").write_text(_PROVIDER, encoding="utf-8")
        tool.init(folder)
        schemas = tool.schemas(folder)["aws"]
        locked = (folder / ".terraform.lock.hcl").read_text(encoding="utf-8")
    version = re.search(r'version\s*=\s*"([^"]+)"', locked)
    return Providers(schemas, version[1] if version else "", package_version())


def table(providers: Providers) -> str:
    """Write the table for the installed providers."""
    lines = [
        "# What both providers know of every type of the vocabulary: derived, not to be edited by hand.",
        "# python -m mlstage.offline.vocabulary --write",
        f"# terraform-provider-aws {providers.terraform_version}, pulumi_aws {providers.pulumi_version}",
        "\t".join(HEADER),
    ]
    for info in sorted(VOCABULARY.values(), key=lambda info: info.name):
        lines += ("\t".join((info.name, *row)) for row in rows_of(info, providers))
    return "\n".join(lines) + "\n"


def rows_of(info: TypeInfo, providers: Providers) -> Iterator[Row]:
    """Yield path, Terraform's name if it is another, kind and use of all that both providers have of a type.

    Of a type that Terraform's provider does not have yet, Pulumi's names say what it will call them.
    """
    if info.later:
        yield from _later_rows(*_resource_shapes(info), "")
        return
    if not info.terraform:
        return
    family = "data_source_schemas" if info.data else "resource_schemas"
    schema = providers.terraform[family].get(info.terraform)
    if schema is None:
        raise OfflineError(
            f"the Terraform provider {providers.terraform_version} has no {info.terraform}",
            f"another Terraform type for {info.name} in graph/vocabulary/",
        )
    if info.data:
        from mlstage.offline.lookups import lookup_shapes

        shapes, types = lookup_shapes(info.name)
        yield from _rows(schema["block"], shapes, types, "", info.renamed)
        return
    shapes, types = _resource_shapes(info)
    yield from _rows(schema["block"], shapes, types, "", info.renamed)


def _resource_shapes(info: TypeInfo) -> tuple[Fields, Mapping[str, Fields]]:
    from mlstage.offline.provider.schema import resource_type

    known = resource_type(info.token)
    if known is None:
        what = f"the installed pulumi_aws has no {info.token}"
        raise OfflineError(what, f"another token for {info.name} in graph/vocabulary/")
    shapes: Fields = {name: (output.shape, False, False) for name, output in known.outputs.items()}
    shapes |= {name: (one.shape, True, one.required) for name, one in known.inputs.items()}
    types = {name: {key: (one.shape, True, one.required) for key, one in f.items()} for name, f in known.types.items()}
    return {**shapes, "id": ("s", False, False)}, types


def _rows(
    block: Mapping[str, Any], shapes: Fields, types: Mapping[str, Fields], above: str, renamed: Mapping[str, str]
) -> Iterator[Row]:
    """Pair the properties of a block of Terraform's with those of an object of Pulumi's, and go on inside both."""
    by_sound = {_sound(name): name for name in shapes}
    members = [*block.get("attributes", {}).items(), *block.get("block_types", {}).items()]
    found: dict[str, tuple[str, Mapping[str, Any]]] = {}
    given = {terraform: path.removeprefix(above) for path, terraform in renamed.items() if path.startswith(above)}
    for terraform, member in members:
        wishes = [given[terraform]] if terraform in given else _pulumi_names(terraform)
        name = next((wish for wish in wishes if _sound(wish) in by_sound and _sound(wish) not in found), None)
        if name is not None:
            found[_sound(name)] = (terraform, member)
    for sound in sorted(found, key=lambda sound: _python_name(by_sound[sound], found[sound][0])):
        terraform, member = found[sound]
        name = _python_name(by_sound[sound], terraform)
        shape, settable, _ = shapes[by_sound[sound]]
        kind, inner, below = _kind(member, shape, types)
        yield above + name, "" if name == terraform else terraform, kind, _use(member, settable)
        if inner is not None and below is not None:
            yield from _rows(inner, below, types, f"{above}{name}.", renamed)


def _later_rows(shapes: Fields, types: Mapping[str, Fields], above: str) -> Iterator[Row]:
    """Write down what Pulumi alone has: its lists have a plural that Terraform's blocks have not."""
    for camel, (shape, settable, required) in sorted(shapes.items()):
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", camel).lower()
        listed = isinstance(shape, list) and shape[0] == "["
        inner = shape[1] if listed else shape
        below = types.get(inner[1], {}) if isinstance(inner, list) and inner[0] == "@" else None
        use = "required" if required else "optional" if settable else "output"
        if below is not None:
            yield above + name, name.removesuffix("s") if listed else "", "blocks" if listed else "block", use
            yield from _later_rows(below, types, f"{above}{name}.")
        else:
            yield above + name, "", _later_kind(inner, listed=listed), use


def _later_kind(shape: Any, *, listed: bool) -> Kind:
    if listed:
        return "list"
    if isinstance(shape, list):
        return "map" if shape[0] == "{" else "any"
    return _LATER_KINDS.get(shape, "any")


def _sound(name: str) -> str:
    """Fold the two spellings of a name: `enableDnsARecord` and `enable_dns_a_record`."""
    return name.replace("_", "").lower()


def _python_name(camel: str, terraform: str) -> str:
    """Spell a property as pulumi_aws's Python does: as Terraform does, but for the plural of a list."""
    wishes = _pulumi_names(terraform)
    spelt = next((wish for wish in wishes if _sound(wish) == _sound(camel)), None)
    return spelt or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", camel).lower()


def _pulumi_names(terraform: str) -> list[str]:
    """Give what Pulumi may call a property of Terraform's: the same, or its plural."""
    plurals = [f"{terraform}s", f"{terraform}es"]
    return [terraform, *plurals, *([f"{terraform[:-1]}ies"] if terraform.endswith("y") else [])]


def _kind(
    member: Mapping[str, Any], shape: Any, types: Mapping[str, Fields]
) -> tuple[str, Mapping[str, Any] | None, Fields | None]:
    """Say what kind of property it is and, for one that holds others, give both sides' insides."""
    listed = isinstance(shape, list) and shape[0] == "["
    inner = shape[1] if listed else shape
    below = types.get(inner[1], {}) if isinstance(inner, list) and inner[0] == "@" else None
    if "nesting_mode" in member and "block" in member:
        if member["nesting_mode"] == "single":
            return "object", member["block"], below
        return "blocks" if listed or below is None else "block", member["block"], below
    if nested := member.get("nested_type"):
        sole = nested["nesting_mode"] == "single"
        return "object" if sole else "objects", {"attributes": nested["attributes"]}, below
    return _attribute_kind(member["type"], shape, below)


def _attribute_kind(
    type_: Any, shape: Any, below: Fields | None
) -> tuple[str, Mapping[str, Any] | None, Fields | None]:
    listed = isinstance(shape, list) and shape[0] == "["
    match type_:
        case "string" if shape in ("i", "n"):  # a number that Terraform keeps as text, so that none is not zero
            return "number", None, None
        case str():
            return _SCALARS[type_], None, None
        case ["list" | "set", ["object", fields, *_]]:
            inside = {"attributes": {name: {"type": inner, "optional": True} for name, inner in fields.items()}}
            return "objects" if listed or below is None else "single", inside, below
        case ["object", fields, *_]:
            return "object", {"attributes": {name: {"type": inner} for name, inner in fields.items()}}, below
        case ["list" | "set" as kind, _]:
            return kind if listed else "single", None, None
        case ["map", _]:
            return "map", None, None
        case _:
            return "any", None, None


def _use(member: Mapping[str, Any], settable: bool) -> str:
    if "nesting_mode" in member:
        settable_there, required = True, member.get("min_items", 0) > 0
    else:
        settable_there, required = bool(member.get("optional") or member.get("required")), bool(member.get("required"))
    if not (settable and settable_there):
        return "output"
    return "required" if required else "optional"


def differences(committed: str, fresh: str) -> Iterator[str]:
    """Say, a line each, what the providers have that the table lacks, have no more, or have otherwise."""
    old = {row[:2]: row[2:] for row in table_rows(committed)}
    new = {row[:2]: row[2:] for row in table_rows(fresh)}
    for key in sorted(old.keys() | new.keys()):
        name = " ".join(key)
        if key not in new:
            yield f"gone: {name}"
        elif key not in old:
            yield f"new: {name} ({_shown(new[key])})"
        elif old[key] != new[key]:
            yield f"changed: {name}: {_shown(old[key])} -> {_shown(new[key])}"


def _shown(row: Row) -> str:
    terraform, kind, use = row
    return f"{use} {kind}" + (f", in Terraform {terraform}" if terraform else "")


def main(arguments: list[str] | None = None) -> int:
    """Print what differs; 1 when something differs and was not written, 3 when a provider is not to be had."""
    parser = argparse.ArgumentParser(prog="python -m mlstage.offline.vocabulary", description=__doc__)
    parser.add_argument("--write", action="store_true", help="renew the table")
    options = parser.parse_args(arguments)
    try:
        fresh = table(installed())
    except OfflineError as error:
        print(error, file=sys.stderr)
        return 3
    committed = table_text()
    found = list(differences(committed, fresh))
    print("\n".join(found) if found else "the table of properties is what the installed providers say")
    if options.write and fresh != committed:
        path = Path(__file__).parent.parent / "graph" / "data" / FILE
        path.write_text(fresh, encoding="utf-8", newline="\n")
    return 0 if options.write or not found else 1


if __name__ == "__main__":
    sys.exit(main())
