"""What a program asks of the engine, beside what its graph says it should ask."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mlstage.graph import VOCABULARY, ConfigSecret, Graph, Join, JsonDocument, Ref, Resource, Value

SECRETS = {"project:pager": "112", "slack:hook": "https://example.org/hook"}


def run(jobs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Run programs under Pulumi's mocks, in one process of its own."""
    script = Path(__file__).with_name("under_mocks.py")
    done = subprocess.run(
        [sys.executable, str(script)], input=json.dumps(jobs), capture_output=True, text=True, check=False, timeout=120
    )
    assert not done.returncode, done.stderr
    return list(json.loads(done.stdout))


def job(path: Path, graph: Graph, config: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Describe the run of one program: what its resources and look-ups will answer."""
    return {"path": str(path), "stack": graph.stack, "config": config or SECRETS, "answers": _answers(graph)}


def camel(name: str) -> str:
    """Write a property's name as the engine does."""
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), name)


def _read(graph: Graph) -> set[Ref]:
    values = [*graph.exports.values(), *(value for one in graph.resources for value in one.props.values())]
    return {ref for value in values for ref in _refs(value)}


def _refs(value: Value) -> list[Ref]:
    match value:
        case Ref():
            return [value]
        case Join(parts):
            return [part for part in parts if isinstance(part, Ref)]
        case JsonDocument(inner):
            return _refs(inner)
        case tuple():
            return [ref for item in value for ref in _refs(item)]
        case Mapping():
            return [ref for item in value.values() for ref in _refs(item)]
        case _:
            return []


def _answers(graph: Graph) -> dict[str, dict[str, Any]]:
    answers: dict[str, dict[str, Any]] = {}
    for ref in _read(graph):
        resource = graph.by_name[ref.resource]
        info = VOCABULARY[resource.type]
        attribute, _, index = ref.attribute.partition("[")
        answer: object = answer_of(ref)
        if index:
            answer = [answer]
        if attribute != "id":
            answers.setdefault(info.token if info.data else resource.name, {})[camel(attribute)] = answer
    return answers


def answer_of(ref: Ref) -> str:
    """Give the text that an attribute has in a run: `scorer.arn`."""
    return f"{ref.resource}.{ref.attribute.partition('[')[0]}"


def expected(resource: Resource, graph: Graph) -> dict[str, Any]:
    """Say what a resource of the graph should ask of the engine."""
    group = graph.group_by_name.get(resource.workload)
    prefix = f"{graph.environment}-" if graph.environment else ""
    needs = [name for name in resource.needs() if not VOCABULARY[graph.by_name[name].type].data]
    options = resource.options
    return {
        "type": VOCABULARY[resource.type].token,
        "name": resource.name,
        "inputs": _inputs(resource.props),
        "parent": f"{prefix}{group.name}" if group else f"project-{graph.stack}",
        "depends_on": sorted(needs),
        "protect": options.protect,
        "delete_before_replace": options.delete_before_replace,
        "retain_on_delete": options.retain_on_delete,
        "ignore_changes": [camel(name) for name in options.ignore_changes],
        "aliases": list(options.aliases),
        "provider": options.provider,
        "trigger": options.trigger,
    }


def _inputs(props: Mapping[str, Value]) -> dict[str, Any]:
    return {camel(name): _engine(value, keep=name in ("tags",)) for name, value in props.items() if value is not None}


def _engine(value: Value, *, keep: bool = False, document: bool = False) -> Any:
    """Write a value as the engine sees it.

    In a mapping that is the user's own (`keep`), keys stay as they are; a document with a secret in it is one as whole.
    """
    match value:
        case Ref():
            return answer_of(value)
        case Join(parts):
            return "".join(part if isinstance(part, str) else answer_of(part) for part in parts)
        case JsonDocument(inner):
            return {"document": _engine(inner, keep=True, document=True)}
        case ConfigSecret(key):
            secret = SECRETS[key if ":" in key else f"project:{key}"]
            return secret if document else {"secret": secret}
        case tuple():
            return [_engine(item, keep=keep, document=document) for item in value]
        case Mapping():
            return {
                key if keep else camel(key): _engine(item, keep=keep, document=document) for key, item in value.items()
            }
        case _:
            return value


def opened(asked: Any, wanted: Any) -> Any:
    """Open, in what was asked for, the JSON texts that the graph holds as documents."""
    match asked, wanted:
        case {"secret": str() as text}, {"document": _}:
            return opened(text, wanted)
        case str(), {"document": inner}:
            return {"document": opened(json.loads(asked), inner)}
        case dict(), dict():
            return {key: opened(item, wanted.get(key)) for key, item in asked.items()}
        case list(), list() if len(asked) == len(wanted):
            return [opened(item, other) for item, other in zip(asked, wanted, strict=True)]
        case _:
            return asked
