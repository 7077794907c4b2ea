"""What a generated program does beyond declaring resources: give way to an update, and look whether it took place.

*Locks.* AWS refuses some updates of a resource while another one exists: an endpoint's variant keeps its instance type
while auto-scaling has hold of it. Pulumi by itself would update the endpoint first, since the other depends on it. So
the program holds what cannot change in a `pulumi.Stash` that is deleted before it is replaced: whatever takes a
property from it goes first, then the endpoint, which waits for it, is updated, and then all of them are made again.

*Confirmations.* AWS answers success to an update that its own alarms then took back. The program compares what it
asked for with what there is, and fails: then Pulumi deletes nothing of the version that serves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from mlstage.emit.expressions import Names, expression
from mlstage.emit.printer import Call, Code, Expression, py
from mlstage.graph import VOCABULARY, Graph, GraphError, Resource

CONFIRM: Final = "confirm"
CONFIRM_SOURCE: Final = '''\
def confirm(what: str, wanted: pulumi.Output[str], found: pulumi.Output[str]) -> None:
    """Fail if AWS kept what was there before: an update that it took back looks like one that went well."""

    def compare(values: list[str]) -> None:
        if values[0] != values[1] and not pulumi.runtime.is_dry_run():
            raise pulumi.RunError(
                f"{what} was to have {values[0]}, but AWS went back to {values[1]}, which still serves.\\n"
                "Its alarms and logs say why. Go back to the former version, or on to one that works."
            )

    pulumi.Output.all(wanted, found).apply(compare)'''
_LOCK_COMMENT: Final = (
    "AWS refuses to change this while something has hold of it. A change here makes Pulumi delete what refers to this,"
    " update what waits for it, and then make again what it deleted."
)


def lock_variables(graph: Graph, taken: Iterable[str]) -> Mapping[str, str]:
    """Name the variable of each lock, by the resource that is locked."""
    used = set(taken) | {CONFIRM}
    found: dict[str, str] = {}
    for resource in graph.resources:
        if resource.options.locked:
            name = f"{resource.name.removeprefix(f'{graph.environment}-').replace('-', '_')}_locked"
            while name in used:
                name += "_"
            used.add(name)
            found[resource.name] = name
    return found


def lock(resource: Resource, names: Names) -> tuple[str, Expression, str]:
    """Write what holds a resource's locked part: the variable, the value, and the comment above."""
    options: dict[str, Expression] = {}
    if resource.workload:
        options["parent"] = Code(names.groups[resource.workload])
    options |= {"delete_before_replace": True, "replace_on_changes": ("input",)}
    keywords: dict[str, Expression] = {
        "input": dict(resource.options.locked),
        "opts": Call("pulumi.ResourceOptions", keywords=options),
    }
    call = Call("pulumi.Stash", (f"{resource.name}-locked",), keywords, broken=True)
    return names.locks[resource.name], call, _LOCK_COMMENT


def with_lock(resource: Resource, arguments: Mapping[str, Expression], names: Names) -> dict[str, Expression]:
    """Have a resource take one property from a lock: one whose change would replace it, so that it is deleted first."""
    if resource.options.locks not in names.locks:
        raise GraphError(f"{resource.name!r} locks {resource.options.locks!r}, of which nothing is locked")
    replaces = sorted(VOCABULARY[resource.type].replaces)
    chosen = next((name for name in replaces if isinstance(resource.props.get(name), str)), None)
    if chosen is None:
        raise GraphError(f"{resource.name!r} has no plain property that replaces it: it cannot be deleted in time")
    value = Code(f"lambda _: {py(str(resource.props[chosen]))}")
    return {**arguments, chosen: Call(f"{names.locks[resource.options.locks]}.output.apply", (value,))}


def confirmations(resource: Resource, names: Names) -> list[Expression]:
    """Write the calls that compare what was asked for with what there is."""
    variable = names.resources[resource.name]
    found: list[Expression] = []
    for name in resource.options.confirm:
        wanted = expression(resource.props.get(name), names)
        label = str(resource.props.get(VOCABULARY[resource.type].physical_name) or resource.name)
        found.append(Call(CONFIRM, (label, wanted, Code(f"{variable}.{name}"))))
    return found
