"""YAML as Pulumi reads it, with the line of every key."""

from __future__ import annotations

import re
from typing import Final

import yaml


class RepeatedKey(Exception):
    """A mapping has a key twice, which Pulumi refuses and PyYAML would pass over."""

    def __init__(self, key: str, line: int) -> None:
        super().__init__(key, line)
        self.key = key
        self.line = line


class _Loader(yaml.SafeLoader):
    """Takes `on`, `no` and dates for texts, where YAML 1.1 made other things of them."""


_Loader.yaml_implicit_resolvers = {}
_PLAIN: Final = {  # by tag: the whole scalar, and the letters that it may begin with
    "bool": (r"true|True|TRUE|false|False|FALSE", "tTfF"),
    "null": (r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    "int": (r"[-+]?(0|[1-9][0-9]*)|0x[0-9a-fA-F]+|0o[0-7]+", "-+0123456789"),
    "float": (
        r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*)([eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        "-+.0123456789",
    ),
    "merge": (r"<<", "<"),
}
for _tag, (_pattern, _first) in _PLAIN.items():
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), list(_first))


def read_yaml(text: str, lines: dict[tuple[str, ...], int]) -> object:
    """Read a document, and note in `lines` the line of each key and item by its path.

    Raises `yaml.YAMLError` or `RepeatedKey`.
    """
    loader = _Loader(text)
    try:
        tree = loader.get_single_node()
        _note_lines(tree, (), lines)
        return loader.construct_document(tree) if tree else None
    finally:
        loader.dispose()


def _note_lines(node: yaml.Node | None, path: tuple[str, ...], lines: dict[tuple[str, ...], int]) -> None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            below = (*path, str(key.value))
            if below in lines:
                raise RepeatedKey(str(key.value), key.start_mark.line + 1)
            lines[below] = key.start_mark.line + 1
            _note_lines(value, below, lines)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            below = (*path, str(number))
            lines[below] = value.start_mark.line + 1
            _note_lines(value, below, lines)
