"""Documents that hold a secret somewhere: Terraform marks the whole of them, and the rest can be read all the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlstage.graph import ConfigSecret, JsonDocument, Value, transform
from mlstage.readers.terraform_names import as_document


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret: its key where it is a variable of the root module, and the texts that it consists of."""

    key: str
    texts: tuple[str, ...]


def masked(text: Any, sources: Sequence[Secret | None]) -> JsonDocument | None:
    """Read a document without the secrets in it. None unless each of them is found, so that none can be overlooked."""
    secrets = [one for one in sources if one is not None]
    document = as_document(text)
    if not secrets or not isinstance(document, JsonDocument):
        return None
    missing = set(secrets)

    def mask(value: Value) -> Value:
        held = [one for one in secrets if isinstance(value, str) and any(text in value for text in one.texts)]
        missing.difference_update(held)
        return ConfigSecret(held[0].key if value in held[0].texts else "") if held else value

    found = transform(document.value, mask)
    return None if missing else JsonDocument(found)


def texts_in(value: Any) -> Iterator[str]:
    """Yield the texts in a value that are no blanks."""
    if isinstance(value, str) and value.strip():
        yield value
    for item in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from texts_in(item)
