"""What Terraform is told beyond the resources themselves: what replaces them, and what must hold after an update.

*Locks.* AWS refuses some updates of a resource while another one has hold of it: an endpoint's variant keeps its
instance type while it is registered for auto-scaling. A `terraform_data` holds what cannot change. When that changes,
the other resource is replaced in the same run: Terraform deletes it before it updates what it depends on, and makes it
again after. AWS drops a scaling target's policies with it, so what refers to a replaced resource follows it.

*Confirmations.* AWS answers success to an update that its own alarms then took back: a postcondition fails the run, and
then nothing of the version that serves is deleted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from mlstage.emit.terraform_values import Module, expression, text
from mlstage.graph import VOCABULARY, ConfigSecret, Graph, GraphError, Join, Ref, Resource, Value, refs
from mlstage.graph.properties import terraform_path

KEEPER: Final = "terraform_data"


def keepers(graph: Graph) -> dict[str, dict[str, Any]]:
    """Give, by name, what is held only so that a change of it replaces something."""
    found: dict[str, dict[str, Any]] = {}
    for resource in graph.resources:
        if resource.options.locks:
            locked = graph.by_name[resource.options.locks]
            found[_locked(locked)] = {"input": {text(key): text(v) for key, v in sorted(locked.options.locked.items())}}
        if resource.options.trigger:
            found[_trigger(resource)] = {"input": text(resource.options.trigger)}
    return dict(sorted(found.items()))


def triggers(graph: Graph) -> Mapping[str, tuple[str, ...]]:
    """Say, by resource, what must make Terraform replace it when it changes."""
    found: dict[str, list[str]] = {}
    for resource in graph.resources:
        if resource.options.locks:
            _follow(resource, f"{KEEPER}.{_locked(graph.by_name[resource.options.locks])}", graph, found)
        if resource.options.trigger:
            _follow(resource, f"{KEEPER}.{_trigger(resource)}", graph, found)
    return {name: tuple(sorted(addresses)) for name, addresses in found.items()}


def _follow(resource: Resource, address: str, graph: Graph, found: dict[str, list[str]]) -> None:
    """Have a resource replaced, and all that names it by a property whose change replaces."""
    addresses = found.setdefault(resource.name, [])
    if address in addresses:
        return
    addresses.append(address)
    for user in graph.users.get(resource.name, ()):
        replacing = (user.props.get(name) for name in VOCABULARY[user.type].replaces)
        if any(ref.resource == resource.name for value in replacing for ref in refs(value)):
            _follow(user, address, graph, found)


def _locked(resource: Resource) -> str:
    if not resource.options.locked:
        raise GraphError(f"{resource.name!r} is locked by another resource, but nothing of it is")
    return f"{resource.name}-locked"


def _trigger(resource: Resource) -> str:
    return f"{resource.name}-trigger"


def postconditions(resource: Resource, module: Module) -> Iterator[dict[str, str]]:
    """Write what must hold once AWS has answered success."""
    for name in resource.options.confirm:
        found = f"self.{terraform_path(resource.type, name)}"
        wanted = _operand(resource.props.get(name), module)
        yield {
            "condition": f"${{{found} == {wanted}}}",
            "error_message": (
                f"AWS went back to ${{{found}}}, which still serves: the update did not hold. Its alarms and logs say"
                " why. Go back to the former version, or on to one that works."
            ),
        }


def _operand(value: Value, module: Module) -> str:
    match value:
        case Ref() | ConfigSecret():
            return expression(value, module)
        case str():
            return json.dumps(text(value), ensure_ascii=False)
        case Join(parts):
            return f'"{"".join(text(p) if isinstance(p, str) else f"${{{expression(p, module)}}}" for p in parts)}"'
        case _:
            raise GraphError(f"{value!r} cannot be compared with what AWS answers")
