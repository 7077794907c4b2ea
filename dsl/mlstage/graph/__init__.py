"""The intermediate form: resources, their values, the vocabulary of types, and checks that a graph is sound."""

from mlstage.graph.dump import dump, load
from mlstage.graph.model import LOOK_UP, Graph, Group, Options, Resource
from mlstage.graph.values import (
    UNKNOWN,
    ConfigSecret,
    Join,
    JsonDocument,
    Ref,
    Unknown,
    Value,
    join,
    refs,
    secrets,
    transform,
)
from mlstage.graph.verify import GraphError, in_dependency_order, verify
from mlstage.graph.vocabulary import VOCABULARY, TypeInfo, by_terraform, by_token

__all__ = [
    "LOOK_UP",
    "UNKNOWN",
    "VOCABULARY",
    "ConfigSecret",
    "Graph",
    "GraphError",
    "Group",
    "Join",
    "JsonDocument",
    "Options",
    "Ref",
    "Resource",
    "TypeInfo",
    "Unknown",
    "Value",
    "by_terraform",
    "by_token",
    "dump",
    "in_dependency_order",
    "join",
    "load",
    "refs",
    "secrets",
    "transform",
    "verify",
]
