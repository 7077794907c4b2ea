"""What one property of a Terraform plan holds: its value, or where a value that is not known yet comes from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from mlstage.graph import UNKNOWN, ConfigSecret, Join, JsonDocument, Ref, Value, join, transform
from mlstage.readers.terraform_module import DOCUMENT, NAMESPACE, TRAVERSAL, Module
from mlstage.readers.terraform_names import as_document, attribute
from mlstage.readers.terraform_policies import computed_by, policy_of
from mlstage.readers.terraform_scopes import Plan, Scope, Target
from mlstage.readers.terraform_secrets import Secret, masked, texts_in
from mlstage.readers.terraform_templates import Opaque, value_of

# A name shorter than this is found in a text by chance, unless it is all that stands between separators.
_SHORTEST: Final = 4
_ALONE: Final = r"(?:(?<=[/:])|^){}(?=[/:]|$)"
_STEP: Final = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Here:
    """Where a property stands: in which module, and in which instance of a resource."""

    scope: Scope
    index: str = ""


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a plan says of one property that is no block; `document`: it holds JSON, `many`: its value is a list."""

    value: Any
    unknown: Any
    sensitive: Any
    expression: Mapping[str, Any]
    document: bool = False
    many: bool = False


class Leaves:
    """Reads the properties of a plan; `module` is the root module that it was made from, if that is known."""

    def __init__(self, plan: Plan, module: Module | None) -> None:
        self._plan = plan
        self._module = module

    def read(self, leaf: Leaf, here: Here) -> Value:
        """Read one property."""
        references = leaf.expression.get("references", [])
        if "constant_value" in leaf.expression and (references or leaf.unknown is True or leaf.many):
            try:
                written = value_of(leaf.expression["constant_value"], lambda text: self._resolve(text, here))
            except Opaque:
                pass  # more than templates that mlstage writes: what is known tells enough
            else:
                if references or leaf.unknown is True or _reordered(written, leaf.value):
                    return written
        found = self._plan.targets(references, here.scope, here.index)
        if leaf.sensitive is True:
            if leaf.document and (document := masked(leaf.value, [self._secret(one) for one in found])) is not None:
                return document
            names = [target.variable for target in found if target.variable]
            return ConfigSecret(names[0].replace(NAMESPACE, ":") if len(names) == 1 else "")
        if leaf.unknown is True:
            return self._policy(found, leaf) or self._source(found, leaf)
        known = _known(leaf.value, leaf.unknown, leaf.sensitive, self._source(found, replace(leaf, many=False)))
        if leaf.document:
            known = as_document(known)
        return transform(known, lambda part: self._linked(part, found)) if found else known

    def names(self, references: Iterable[str], here: Here) -> Iterator[str]:
        """Name, once each, the resources that references lead to."""
        targets = self._plan.targets(list(references), here.scope, here.index)
        yield from dict.fromkeys(self._plan.names[one.instance.address] for one in targets if one.instance)

    def _resolve(self, text: str, here: Here) -> Value:
        if match := DOCUMENT.fullmatch(text):
            document = self._module.document(match[1]) if self._module and here.scope.outer is None else None
            if document is None:
                raise Opaque(text)
            return document
        found = self._plan.targets([text], here.scope, here.index) if TRAVERSAL.fullmatch(text) else []
        if len(found) != 1:
            raise Opaque(text)
        return self._reference(found[0])

    def _reference(self, target: Target) -> Ref | ConfigSecret:
        if target.instance is None:
            return ConfigSecret(target.variable.replace(NAMESPACE, ":"))
        return Ref(self._plan.names[target.instance.address], attribute(target.instance.info, target.path))

    def _secret(self, target: Target) -> Secret | None:
        """Give the texts of a secret that a reference leads to; None if what it leads to is none."""
        if target.variable:
            return Secret(target.variable.replace(NAMESPACE, ":"), (*texts_in(self._plan.variable(target.variable)),))
        name = next((found for found, _ in _STEP.findall(target.path)), "")
        if target.instance is None or not _part(target.instance.sensitive, name):
            return None
        text = _text_at(target)
        return Secret("", (text,) if text else ())

    def _policy(self, found: list[Target], leaf: Leaf) -> JsonDocument | None:
        """Read the one policy that a document is, where the plan has its blocks and not yet its text."""
        computed = computed_by(found[0]) if leaf.document and len(found) == 1 else None
        if computed is None:
            return None
        here = Here(self._plan.scope(computed.prefix), computed.index)
        expressions = here.scope.configuration(computed).get("expressions", {})

        def read(name: str, values: Mapping[str, Any], unknown: Any, expression: Mapping[str, Any]) -> Value:
            marks, many = _part(unknown, name), name != "effect"
            return self.read(Leaf(values.get(name), marks, False, expression, many=many), here)

        def included(name: str) -> Iterator[Value]:
            texts = computed.values.get(name)
            listed = texts if isinstance(texts, list) else [texts]
            sources = self._plan.targets(expressions.get(name, {}).get("references", ()), here.scope, here.index)
            for index, text in enumerate(listed if texts or sources else ()):
                own = sources[index : index + 1] if len(sources) == len(listed) else []
                yield as_document(text) or self._policy(own, replace(leaf, expression={})) or UNKNOWN

        return policy_of(computed, expressions, read, included)

    def _source(self, found: Iterable[Target], leaf: Leaf) -> Value:
        """Say where a value that is not known comes from, so that links hold before anything exists."""
        refs = [ref for target in found if isinstance(ref := self._reference(target), Ref)]
        if not refs:
            return UNKNOWN
        if leaf.many:
            return tuple(refs)
        if len(refs) == 1 and not leaf.document:
            return refs[0]
        # Made of these, in a way that a plan does not tell: no attribute stands for the whole.
        names = dict.fromkeys(ref.resource for ref in refs)
        sources = tuple(Ref(name, "") for name in names)
        return sources[0] if len(sources) == 1 else Join(sources)

    def _linked(self, value: Value, found: Iterable[Target]) -> Value:
        """Put references back in the place of the text that they gave."""
        if not isinstance(value, str):
            return value
        pieces: list[str | Ref] = [value]
        for target in found:
            text, ref = _text_at(target), self._reference(target)
            if text is None or not isinstance(ref, Ref):
                continue
            if text == value:
                return ref
            pieces = [one for piece in pieces for one in _split(piece, text, ref)]
        return join(*pieces)


def _reordered(written: Value, planned: Any) -> bool:
    """Say whether a set was written in another order than Terraform's own, and as nothing else."""
    if not isinstance(written, tuple) or not isinstance(planned, list):
        return False
    return sorted(map(repr, written)) == sorted(map(repr, planned))


def _split(piece: str | Ref, text: str, ref: Ref) -> Iterator[str | Ref]:
    if isinstance(piece, Ref):
        yield piece
        return
    parts = piece.split(text) if len(text) >= _SHORTEST else re.split(_ALONE.format(re.escape(text)), piece)
    for position, part in enumerate(parts):
        if position:
            yield ref
        yield part


def _text_at(target: Target) -> str | None:
    value: Any = target.instance.values if target.instance else None
    for name, index in _STEP.findall(target.path):
        if name and isinstance(value, Mapping):
            value = value.get(name)
        elif index and isinstance(value, list) and int(index) < len(value):
            value = value[int(index)]
        else:
            return None
    return value if isinstance(value, str) and value else None


def _known(value: Any, unknown: Any, sensitive: Any, source: Value) -> Value:
    """Read a value of which parts may be unknown or secret."""
    if sensitive is True:
        return ConfigSecret("")
    if unknown is True:
        return source
    if isinstance(value, Mapping) or isinstance(unknown, Mapping):
        keys = dict.fromkeys([*(value or {}), *(unknown or {})])
        return {
            str(key): _known((value or {}).get(key), _part(unknown, key), _part(sensitive, key), source) for key in keys
        }
    if isinstance(value, list) or isinstance(unknown, list):
        size = max(len(value or ()), len(unknown or ()))
        return tuple(
            _known(_item(value, i), _item(unknown, i) or False, _item(sensitive, i) or False, source)
            for i in range(size)
        )
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return UNKNOWN


def _part(flags: Any, key: str) -> Any:
    return flags.get(key, False) if isinstance(flags, Mapping) else flags is True


def _item(items: Any, index: int) -> Any:
    return items[index] if isinstance(items, list) and index < len(items) else None
