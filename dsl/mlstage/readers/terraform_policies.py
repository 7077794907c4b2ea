"""IAM policies that `data.aws_iam_policy_document` computes, read from its blocks where Terraform has not done so yet.

A document that speaks of a resource that does not exist yet is computed when that exists. The plan holds its blocks,
and in them all but the ARNs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from mlstage.graph import UNKNOWN, JsonDocument, Value
from mlstage.readers.terraform_scopes import Instance, Target

DOCUMENT_TYPE: Final = "aws_iam_policy_document"

# Gives one property of a block: its name, the block's values and marks, and its expressions.
Block: TypeAlias = Mapping[str, Any]
Read: TypeAlias = Callable[[str, Block, Any, Block], Value]

_LISTS: Final = (("actions", "Action"), ("not_actions", "NotAction"), ("resources", "Resource"),
                 ("not_resources", "NotResource"))  # fmt: skip
_WHO: Final = (("principals", "Principal"), ("not_principals", "NotPrincipal"))


def computed_by(target: Target) -> Instance | None:
    """Give the document that a reference takes the text of, if it leads to one."""
    one = target.instance
    if one and one.data and one.type == DOCUMENT_TYPE and target.path in ("json", "minified_json"):
        return one
    return None


def policy_of(
    instance: Instance, expressions: Block, read: Read, included: Callable[[str], Iterator[Value]]
) -> JsonDocument:
    """Compute a policy from its blocks; `included` gives the documents that a property names.

    What is taken over from others comes first, and what overrides them last.
    """
    values, unknown = instance.values, instance.unknown
    found: dict[object, Value] = {}
    for name in ("source_json", "source_policy_documents"):
        _include(found, included(name))
    for statement in _statements(values, unknown, expressions.get("statement"), read):
        _add(found, statement)
    for name in ("override_json", "override_policy_documents"):
        _include(found, included(name))
    return JsonDocument({"Version": values.get("version") or "2012-10-17", "Statement": tuple(found.values())})


def _include(found: dict[object, Value], documents: Iterator[Value]) -> None:
    for document in documents:
        content = document.value if isinstance(document, JsonDocument) else None
        statements = content.get("Statement") if isinstance(content, Mapping) else UNKNOWN
        for statement in statements if isinstance(statements, tuple) else (statements,):
            _add(found, statement)


def _add(found: dict[object, Value], statement: Value) -> None:
    """Add a statement, in the place of the one that has its `Sid`."""
    sid = statement.get("Sid") if isinstance(statement, Mapping) else None
    found[sid or len(found)] = statement


def _statements(values: Block, unknown: Any, written: Any, read: Read) -> Iterator[Value]:
    marks = unknown.get("statement") if isinstance(unknown, Mapping) else unknown
    if marks is True:
        yield UNKNOWN
        return
    items = values.get("statement") or []
    blocks = written if isinstance(written, list) and len(written) == len(items) else [{}] * len(items)
    for index, (item, block) in enumerate(zip(items, blocks, strict=True)):
        flags = marks[index] if isinstance(marks, list) and index < len(marks) else {}
        yield dict(_statement(item, flags, block, read))


def _statement(item: Block, flags: Any, block: Block, read: Read) -> Iterator[tuple[str, Value]]:
    if item.get("sid"):
        yield "Sid", item["sid"]
    effect = read("effect", item, flags, block.get("effect", {}))
    yield "Effect", "Allow" if effect is None else effect
    for name, called in _LISTS:
        if (listed := read(name, item, flags, block.get(name, {}))) not in (None, ()):
            yield called, listed[0] if isinstance(listed, tuple) and len(listed) == 1 else listed
    for name, called in _WHO:
        if item.get(name):
            yield called, {one["type"]: _texts(one.get("identifiers")) for one in item[name] if one.get("type")}
    if item.get("condition"):
        yield "Condition", _conditions(item["condition"])


def _conditions(blocks: list[Block]) -> Value:
    tests: dict[str, dict[str, Value]] = {}
    for one in blocks:
        tests.setdefault(str(one.get("test")), {})[str(one.get("variable"))] = _texts(one.get("values"))
    return dict(tests)


def _texts(items: Any) -> Value:
    """Give the texts of a list; what is not known yet stands in a plan as null."""
    return tuple(UNKNOWN if one is None else str(one) for one in items) if isinstance(items, list) else UNKNOWN
