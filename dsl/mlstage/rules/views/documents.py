"""JSON documents inside properties: data where a reader or target made them so, text where a program wrote them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mlstage.graph import UNKNOWN, JsonDocument, Value
from mlstage.rules.truth import Field


def document(field: Field) -> Field:
    """Give a field that holds JSON as data. What cannot be read stays what it is, or is unknown."""
    if isinstance(field.value, JsonDocument):
        return Field(field.resource, field.path, field.value.value)
    if isinstance(field.value, str):
        try:
            return Field(field.resource, field.path, parse_json(field.value))
        except ValueError:
            return Field(field.resource, field.path, UNKNOWN)
    return field


def parse_json(text: str) -> Value:
    """Read JSON as a value of the graph. Raises `ValueError` on what is no JSON, or nested beyond reason."""
    try:
        return frozen(json.loads(text))
    except RecursionError as error:
        raise ValueError("the document is nested too deeply") from error


def frozen(data: Any) -> Value:
    """Turn parsed JSON into a value of the graph."""
    if isinstance(data, list):
        return tuple(frozen(item) for item in data)
    if isinstance(data, Mapping):
        return {str(key): frozen(item) for key, item in data.items()}
    if data is None or isinstance(data, (bool, int, float, str)):
        return data
    raise ValueError(f"{type(data).__name__} is no value of a graph")
