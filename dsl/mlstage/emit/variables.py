"""The names that a generated program gives its variables: snake_case, unique, never a word that Python keeps."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Mapping
from typing import Final

from mlstage.graph import Graph, Resource

# Written out, as Python's own lists grow from version to version and programs must not change with them.
_SOFT_KEYWORDS: Final = frozenset({"_", "case", "match", "type"})
_BUILTINS: Final = """
    abs all any bin bool bytes dict dir eval exec filter float format hash help hex id input int iter len license list
    map max min next object open ord pow print property range repr round set slice sorted str sum super tuple vars zip
"""
# Letters that are read as digits, which linters refuse (pycodestyle's E741).
_AMBIGUOUS: Final = frozenset({"l", "I", "O"})
# What the program itself binds.
_OURS: Final = frozenset({"json", "pulumi", "aws", "kubernetes", "config", "confirm"})
_TAKEN: Final = _OURS | _AMBIGUOUS | _SOFT_KEYWORDS | set(_BUILTINS.split()) | set(keyword.kwlist)


def module_name(name: str) -> str:
    """Give the folder or module that stands for an environment's or stack's name: letters, digits and `_` only."""
    return _identifier(name)


def snake_case(name: str) -> str:
    """Turn a type's or a logical name into a variable's: `EndpointConfiguration` into `endpoint_configuration`."""
    return _identifier(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)).lower()


def config_variable(namespace: str) -> str:
    """Name the variable that holds a namespace of the stack's configuration; the project's own is `config`."""
    return f"{snake_case(namespace)}_config" if namespace else "config"


def variables(graph: Graph, configs: Iterable[str] = ()) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Name a variable for each workload and for each resource: two mappings, by the graph's own names.

    The environment's name is left out, as it would stand before every one. A workload comes before a resource that
    would be called the same, and that one carries its type then: `scorer`, `scorer_role`.
    """
    taken = {*_TAKEN, *configs}
    groups = {group.name: _unique([snake_case(group.name)], taken) for group in graph.groups}
    resources = {resource.name: _unique(_wishes(resource, graph.environment), taken) for resource in graph.resources}
    return groups, resources


def _wishes(resource: Resource, environment: str) -> list[str]:
    name = snake_case(resource.name.removeprefix(f"{environment}-"))
    kind = snake_case(resource.type.rpartition(".")[2])
    return [name, f"{name}_{kind}"]


def _unique(wishes: list[str], taken: set[str]) -> str:
    if wishes[0] in _TAKEN:
        wishes = [*wishes[1:], f"{wishes[0]}_"]
    free = next((wish for wish in wishes if wish not in taken), "")
    number = 2
    while not free or free in taken:
        free = f"{wishes[-1]}_{number}"
        number += 1
    taken.add(free)
    return free


def _identifier(name: str) -> str:
    cleaned = re.sub(r"[^0-9A-Za-z_]", "_", name)
    return f"_{cleaned}" if not cleaned or cleaned[0].isdigit() else cleaned
