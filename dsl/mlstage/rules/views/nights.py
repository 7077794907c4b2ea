"""What lowers or deletes endpoints by the clock."""

from __future__ import annotations

from mlstage.graph import Graph, Resource
from mlstage.rules.truth import YES, Field, Truth, any_of, field
from mlstage.rules.views.links import Mentions, Pointers, names_in

_DELETING = "sagemaker:deleteendpoint"


class Nights:
    """The scheduled actions and schedules of a graph, by the endpoints that they are about."""

    def __init__(self, graph: Graph) -> None:
        targets = Pointers(graph.of("aws.appautoscaling.Target"), "resource_id", named=_any_part)
        actions = graph.of("aws.appautoscaling.ScheduledAction")
        self._actions = Pointers(actions, "resource_id", through=targets, named=_any_part)
        schedules = [(one, field(one, "target")) for one in graph.of("aws.scheduler.Schedule")]
        self._deleting = Mentions((one, target["input"]) for one, target in schedules if _may_delete(target))

    def lower(self, endpoint: Resource) -> Truth:
        """Say whether a scheduled action sets an endpoint's scaling by the clock."""
        if self._actions.to(endpoint):
            return YES
        return any_of(field(one, "resource_id").gap() for one in self._actions.open)

    def delete(self, endpoint: Resource) -> Truth:
        """Say whether a schedule deletes an endpoint."""
        if self._deleting.of(endpoint):
            return YES
        return any_of(place.gap() for place in self._deleting.open)


def _any_part(text: str) -> tuple[str, ...]:
    return tuple({*text.split("/"), *names_in(text)})


def _may_delete(target: Field) -> bool:
    return target["arn"].satisfies(lambda arn: arn.lower().endswith(_DELETING)).value is not False
