"""What a generated program asks of Pulumi's engine, as it runs under Pulumi's own mocks.

The mocks answer each resource's every attribute with a mark of its own, so that a reference is told from a text, and
from a reference to anything else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from mlstage.emit import emit_program
from mlstage.emit.expressions import engine_name
from mlstage.graph import VOCABULARY, ConfigSecret, Graph, Join, Ref, TypeInfo, Value, by_token, refs, transform
from mlstage.graph.properties import Property, properties_of
from tests.emit import mocks
from tests.parity.plain import Described, Description, mark, opened, ordered, secret_mark

STASH: Final = "pulumi:index:Stash"
_OBJECT: Final = "kubernetes:"
_PROVIDER: Final = "pulumi:providers:"
_COMPONENT: Final = "mlstage:workload:"
_VERSION: Final = re.compile(r".+-[0-9a-f]{8}")
_SECRET: Final = re.compile("⟪secret .*?⟫")


def asked_by_programs(graphs: Mapping[str, Graph], folder: Path) -> dict[str, dict[str, Any]]:
    """Emit each graph as a program and run it; give all that reached the engine."""
    return asked_by(
        {
            name: (emit_program(graph, spec="environments/spec.py", version="0"), graph)
            for name, graph in graphs.items()
        },
        folder,
    )


def asked_by(programs: Mapping[str, tuple[str, Graph]], folder: Path) -> dict[str, dict[str, Any]]:
    """Run the text of each program with the answers that the resources of its graph would give."""
    jobs = []
    for number, (text, graph) in enumerate(programs.values()):
        path = folder / f"{number}.py"
        path.write_text(text, encoding="utf-8")
        job = {"path": str(path), "stack": graph.stack, "config": _config(graph), "answers": _answers(graph)}
        # In a preview nothing is compared with what AWS answers, and here every answer is a mark.
        jobs.append({**job, "dry_run": True})
    return dict(zip(programs, mocks.run(jobs), strict=True))


def _config(graph: Graph) -> dict[str, str]:
    keys: set[str] = set()

    def note(value: Value) -> Value:
        if isinstance(value, ConfigSecret):
            keys.add(value.key)
        return value

    for value in (*graph.exports.values(), *(value for one in graph.resources for value in one.props.values())):
        transform(value, note)
    return {key if ":" in key else f"project:{key}": secret_mark(key) for key in sorted(keys)}


def _answers(graph: Graph) -> dict[str, dict[str, Any]]:
    """Answer every attribute that something refers to."""
    names, keys = {}, {}
    for resource in graph.resources:
        info, name = VOCABULARY[resource.type], engine_name(resource)
        arguments = _plain(resource.props, graph) if info.data else {}
        keys[resource.name] = f"{info.token} {json.dumps(arguments, sort_keys=True)}" if info.data else name
        names[resource.name] = look_up(info, arguments) if info.data else name
    answers = {key: {"id": mark(names[name], "id")} for name, key in keys.items()}
    values = (*graph.exports.values(), *(value for one in graph.resources for value in one.props.values()))
    for ref in sorted({ref for value in values for ref in refs(value)}, key=lambda ref: ref.attribute):
        _put(answers[keys[ref.resource]], ref.attribute, mark(names[ref.resource], ref.attribute))
    locked = {
        f"{one.name}-locked": {"output": dict(one.options.locked)} for one in graph.resources if one.options.locked
    }
    return answers | locked


def _put(answer: Any, path: str, value: str) -> None:
    """Put a value where an attribute's path leads: `names[2]`, `identities[0].oidcs[0].issuer`."""
    steps: list[str | int] = [int(n) if n else mocks.camel(name) for n, name in re.findall(r"\[(\d+)\]|(\w+)", path)]
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        if isinstance(step, int):
            answer.extend(None for _ in range(step + 1 - len(answer)))
        empty = value if following is None else [] if isinstance(following, int) else {}
        if (isinstance(step, int) and answer[step] is None) or (isinstance(step, str) and step not in answer):
            answer[step] = empty
        answer = answer[step]


def _plain(props: Mapping[str, Value], graph: Graph) -> dict[str, Any]:
    """Write the arguments of a look-up as the engine is asked."""

    def said(value: Value) -> Value:
        match value:
            case Ref(resource, attribute):
                return mark(engine_name(graph.by_name[resource]), attribute)
            case Join(parts):
                return "".join(part if isinstance(part, str) else str(said(part)) for part in parts)
            case _:
                return value

    written = {mocks.camel(name): transform(value, said) for name, value in props.items() if value is not None}
    arguments: dict[str, Any] = json.loads(json.dumps(written))
    return arguments


def look_up(info: TypeInfo, arguments: Mapping[str, Any]) -> str:
    """Name a look-up by what it asks: Pulumi has no other name for one."""
    return f"{info.name} {json.dumps(arguments, sort_keys=True)}"


def described(asked: Mapping[str, Any]) -> Description:
    """Give what a program asks for of AWS."""
    requests = [one for one in asked["resources"] if not one["type"].startswith(_COMPONENT)]
    stashes = {one["name"]: one for one in requests if one["type"] == STASH}
    clusters = {one["name"] for one in requests if one["type"].startswith((_OBJECT, _PROVIDER))}
    ours = [one for one in requests if one["name"] not in stashes and one["name"] not in clusters]
    held = {name: opened(_told(one["inputs"]["input"])) for name, one in stashes.items()}
    exports = {key: opened(_told(value)) for key, value in asked["exports"].items()}
    return Description(
        {one["name"]: _resource(one, held) for one in ours},
        frozenset(_look_up(one) for one in asked["calls"]),
        # An output of Terraform's takes no slash in its name.
        {key.replace("/", "_"): value for key, value in exports.items() if not _marks(value) & clusters},
    )


def objects(asked: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Give what a program asks for of each Kubernetes cluster, by the cluster's provider."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in asked["resources"]:
        if one["type"].startswith(_OBJECT):
            found.setdefault(one["provider"], []).append(_told(one["inputs"]))
    return found


def _look_up(call: Mapping[str, Any]) -> str:
    info = by_token(call["token"])
    assert info is not None, call["token"]
    return look_up(info, call["arguments"])


def _resource(request: Mapping[str, Any], held: Mapping[str, Any]) -> Described:
    info, inputs = by_token(request["type"]), request["inputs"]
    assert info is not None, request["type"]
    props = dict(_members(inputs, properties_of(info.name)))
    versioned = bool(_VERSION.fullmatch(request["name"])) and request["name"][-8:] in json.dumps(inputs)
    options = {
        "protect": request["protect"],
        "the new one first": _stands_beside(info, props, versioned) and not request["delete_before_replace"],
        "ignore_changes": sorted(_path(path, properties_of(info.name)) for path in request["ignore_changes"]),
        "earlier names": sorted(filter(None, request["aliases"])),  # those of a type alone are pulumi_aws's own
        "replaced with": request["trigger"],
        "locked by": {name: held[name] for name in request["depends_on"] if name in held and not _waits(request, name)},
    }
    waits = frozenset(name for name in request["depends_on"] if name not in held)
    return Described(info.name, request["name"], props, waits, options)


def _stands_beside(info: TypeInfo, props: Mapping[str, Any], versioned: bool) -> bool:
    """Say whether a replacement has another name than what it replaces: Pulumi's provider makes it first then."""
    prefix = properties_of(info.name).get("name_prefix")
    return versioned or info.revised or (prefix is not None and prefix.settable and info.physical_name not in props)


def _waits(request: Mapping[str, Any], lock: str) -> bool:
    """Say whether a lock is the resource's own: then it is what waits, and is not replaced."""
    return lock == f"{request['name']}-locked"


def _members(inputs: Mapping[str, Any], known: Mapping[str, Property]) -> Iterator[tuple[str, Any]]:
    by_engine = {mocks.camel(one.name): one for one in known.values()}
    for key, value in inputs.items():
        if key not in by_engine:
            yield f"{key}, which the table of properties does not have", value
            continue
        one = by_engine[key]
        yield one.name, ordered(_property(value, one), one)


def _property(value: Any, one: Property) -> Any:
    if isinstance(value, list):
        return [_property(item, one) for item in value]
    if one.inside and isinstance(value, dict) and "secret" not in value:
        return dict(_members(value, one.inside))
    return opened(_told(value))


def _told(value: Any, *, secret: bool = False) -> Any:
    """Open what the engine is told is secret; a secret that it is not told of is another value."""
    match value:
        case {"secret": inner} if len(value) == 1:
            return _told(inner, secret=True)
        case dict():
            return {key: _told(item, secret=secret) for key, item in value.items()}
        case list():
            return [_told(item, secret=secret) for item in value]
        case str() if not secret and _SECRET.search(value):
            return f"in plain sight: {value}"
        case _:
            return value


def _path(path: str, known: Mapping[str, Property]) -> str:
    names = []
    for part in path.split("."):
        name, bracket, index = part.partition("[")
        one = next(one for one in known.values() if mocks.camel(one.name) == name)
        names.append(one.name + bracket + index)
        known = one.inside
    return ".".join(names)


def _marks(value: Any) -> set[str]:
    """Name the resources that a value refers to."""
    return {found.partition(".")[0] for found in re.findall("⟪(.*?)⟫", json.dumps(value, ensure_ascii=False))}
