"""What `pulumi preview --json` can tell of a graph: where nothing exists yet, most of what AWS answers is unknown.

What a resource is given, the engine passes on; what AWS would answer is unknown, and of it the engine says only, for a
property as a whole, from which resources it comes. A text or document with something unknown in it is unknown too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from mlstage.emit.expressions import engine_name
from mlstage.graph import (
    UNKNOWN,
    VOCABULARY,
    ConfigSecret,
    Graph,
    Join,
    JsonDocument,
    Ref,
    Resource,
    Value,
    join,
    refs,
    secrets,
)

# What the stand-in provider's look-ups answer.
LOOKED_UP: Final[Mapping[tuple[str, str], Value]] = {
    ("aws.get_caller_identity", "account_id"): "123456789012",
    ("aws.get_availability_zones", "names[0]"): "us-east-1a",
    ("aws.get_availability_zones", "names[1]"): "us-east-1b",
    ("aws.get_availability_zones", "names[2]"): "us-east-1c",
}


class Previewed:
    """The resources of a graph as a preview of its program shows them."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def resources(self) -> dict[str, Resource]:
        """Give them by the engine's names; look-ups and the ways to clusters are no resources of a preview."""
        return {
            engine_name(one): self._resource(one)
            for one in self._graph.resources
            if not VOCABULARY[one.type].data and not one.type.endswith(".Provider")
        }

    def _resource(self, one: Resource) -> Resource:
        props = {name: self._property(value) for name, value in one.props.items() if value is not None}
        if VOCABULARY[one.type].taggable and "tags" in props:
            props["tags_all"] = props["tags"]  # with the provider's own tags, of which there are none
        by_property = {ref.resource for ref in one.refs()}
        # A workload is known by its component's name, which is unique among environments.
        workload = f"{self._graph.environment}-{one.workload}" if one.workload else ""
        waits = (name for name in one.depends_on if name not in by_property)
        return Resource(engine_name(one), one.type, props, tuple(sorted(map(self._name, waits))), one.options, workload)

    def _name(self, name: str) -> str:
        return engine_name(self._graph.by_name[name])

    def _property(self, value: Value) -> Value:
        sources = sorted({self._name(name) for ref in refs(value) for name in self._behind(ref)})
        parts = tuple(Ref(name, "") for name in sources)
        if not parts:
            return self._value(value, UNKNOWN)
        return self._value(value, parts[0] if len(parts) == 1 else Join(parts))

    def _behind(self, ref: Ref) -> Iterator[str]:
        """Name what a reference waits for; a look-up is no resource, but what it is given may come from one."""
        resource = self._graph.by_name[ref.resource]
        if not VOCABULARY[resource.type].data:
            yield ref.resource
            return
        yield from resource.depends_on
        for inner in resource.refs():
            yield from self._behind(inner)

    def _value(self, value: Value, unknown: Value) -> Value:
        match value:
            case Ref():
                return self._known(value) if self._is_known(value) else unknown
            case Join(parts):
                if not self._is_known(value):
                    return unknown
                return join(*(part if isinstance(part, str) else str(self._known(part)) for part in parts))
            case JsonDocument(inner):
                if any(secrets(inner)):
                    return ConfigSecret("")
                return JsonDocument(self._value(inner, unknown)) if self._is_known(inner) else unknown
            case ConfigSecret():
                return ConfigSecret("")
            case tuple():
                return tuple(self._value(item, unknown) for item in value)
            case Mapping():
                return {key: self._value(item, unknown) for key, item in value.items() if item is not None}
            case float():
                return int(value) if value.is_integer() else value
            case _:
                return value

    def _is_known(self, value: Value) -> bool:
        return all(self._is_known_ref(ref) for ref in refs(value))

    def _is_known_ref(self, ref: Ref) -> bool:
        resource = self._graph.by_name[ref.resource]
        given = resource.props.get(ref.attribute)
        if given is None:
            return (resource.type, ref.attribute) in LOOKED_UP
        return self._is_known(given)

    def _known(self, ref: Ref) -> Value:
        resource = self._graph.by_name[ref.resource]
        given = resource.props.get(ref.attribute)
        return LOOKED_UP[resource.type, ref.attribute] if given is None else self._value(given, UNKNOWN)
