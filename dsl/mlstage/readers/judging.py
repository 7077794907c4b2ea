"""Judging for Pulumi's engine: each resource before it is made, then the stack as a whole.

What this module knows of the engine is `EngineResource`; `policy_pack` speaks its protocol.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from mlstage.graph import Graph, by_token
from mlstage.readers.errors import ReadError
from mlstage.readers.manifest import read_waivers
from mlstage.readers.pulumi_stack import (
    EngineResource,
    project_of,
    read_resource,
    read_stack,
    shared_tags,
    stack_of,
)
from mlstage.readers.pulumi_values import UNKNOWNS, camel_case
from mlstage.readers.reports import Report, of_objection, of_unused, of_verdict, of_waived, of_waivers
from mlstage.rules.judge import Half, Verdict, judge
from mlstage.rules.levels import Level, Tier, tier_of
from mlstage.rules.rule import About, Change, Rule
from mlstage.rules.settings import DEFAULT, Settings, settings_of
from mlstage.rules.waivers import Waiver


@dataclass(frozen=True, slots=True)
class Repair:
    """A resource's properties as a rule repaired them."""

    rule: Rule
    properties: dict[str, Any]


class Judging:
    """The judge of one run of the engine. `places` are the folders in which a project's manifest may lie."""

    def __init__(self, rules: Sequence[Rule], *, today: date, places: Sequence[Path] = ()) -> None:
        self.rules = tuple(rules)
        self.today = today
        self.settings: Settings = DEFAULT
        self.stack = ""
        self.project = ""
        self.config: Mapping[str, str] = {}
        self.stack_tags: Mapping[str, str] = {}
        self._places = places
        self._waivers: tuple[Waiver, ...] | None = None
        self._unread = ""
        self._forget()

    def _forget(self) -> None:
        # Per resource, by URN: the rules that could not tell from its inputs, and the waivers that answered.
        self._undecided: dict[str, frozenset[str]] = {}
        self._waived: list[Report] = []
        self._inputs: dict[str, Mapping[str, Any]] = {}

    def configure(self, entries: Mapping[str, Mapping[str, Any]]) -> None:
        """Take the settings that the engine read. Raises `SettingsError`."""
        self.settings = settings_of(entries, self.rules)

    def configure_stack(self, stack: str, project: str, config: Mapping[str, str], tags: Mapping[str, str]) -> None:
        """Take what the engine knows of the stack."""
        self.stack, self.project = stack, project
        self.config, self.stack_tags = dict(config), dict(tags)

    def tier(self, stack: str, tags: Mapping[str, str] | None = None) -> Tier:
        """Find the stack's tier."""
        return tier_of(
            stack,
            configured=self.settings.tier,
            by_stack=self.settings.stacks,
            config=self.config.get("mlstage:tier", ""),
            tags={**(tags or {}), **self.stack_tags},
        )

    def resource(self, resource: EngineResource) -> list[Report]:
        """Judge one resource by what it alone tells, before it is made."""
        self._inputs[resource.urn] = resource.properties
        info = by_token(resource.type)
        asked = [rule for rule in self.rules if rule.on_resource and info and info.name in rule.types]
        if not asked:
            return []
        graph = self._alone(resource)
        verdict = self._judge(graph, asked, "resource")
        # What is not known yet may be known by the end, through other resources: it is said then.
        self._undecided[resource.urn] = frozenset(item.rule.id for item in verdict.open)
        self._waived += [of_waived(verdict.graph, item, resource.urn) for item in verdict.waived]
        return [of_objection(verdict, item, resource.urn) for item in verdict.objections]

    def whole(self, resources: Sequence[EngineResource]) -> list[Report]:
        """Judge the stack, by relations between resources and by what was not known before."""
        self._learn_names(next((r.urn for r in resources), ""))
        reading = read_stack([self._as_set(resource) for resource in resources], stack=self.stack)
        tier = self.tier(self.stack, shared_tags(reading.graph)).name
        graph = replace(reading.graph, tier=tier, region=self.config.get("aws:region", ""))
        by_relation = self._judge(graph, self.rules, "stack")
        late = self._judge(graph, self.rules, "resource")
        reports = [*of_waivers(by_relation, self._unread), *of_unused(self._unused(by_relation, late)), *self._waived]
        reports += of_verdict(by_relation, reading.urns, lambda _rule, _urn: True)
        reports += of_verdict(late, reading.urns, self._is_late)
        self._forget()
        return list(dict.fromkeys(reports))

    def repair(self, resource: EngineResource) -> list[Repair]:
        """Repair what is mechanical, by the rules whose level is `remediate`."""
        asked = self.repairing
        if not asked:
            return []
        graph = self._alone(resource)
        (read,) = graph.resources
        repaired: list[Repair] = []
        properties: dict[str, Any] = dict(resource.properties)
        for rule in asked:
            waived = any(
                w.rule == rule.id and not w.fault(self.today) and w.concerns(read, graph) for w in self.waivers
            )
            if read.type not in rule.types or waived or self.settings.level(rule, graph.tier) is Level.DISABLED:
                continue
            about = About(graph.stack, graph.tier, graph.group_by_name, self.settings.options(rule))
            if rule.on_remedy and (changes := list(rule.on_remedy(read, about))):
                properties = _changed(properties, changes)
                repaired.append(Repair(rule, properties))
        return repaired

    @property
    def repairing(self) -> list[Rule]:
        """The rules whose level is `remediate`."""
        return [rule for rule in self.rules if rule.on_remedy and self._repairs(rule)]

    @property
    def waivers(self) -> tuple[Waiver, ...]:
        """The waivers of this stack: the settings', and what `mlstage compile` left in the project's manifest."""
        if self._waivers is None:
            try:
                self._waivers = read_waivers(self._places, self.stack, self.project)
            except ReadError as error:
                self._waivers, self._unread = (), str(error)
        return (*self._waivers, *self.settings.waivers)

    def _unused(self, *verdicts: Verdict) -> list[Waiver]:
        """Give the settings' waivers that answered nothing; a spec's may be there for another of its stacks."""
        return [one for one in self.settings.waivers if all(one in verdict.unused for verdict in verdicts)]

    def _judge(self, graph: Graph, rules: Sequence[Rule], only: Half) -> Verdict:
        return judge(graph, self.settings, self.waivers, today=self.today, rules=rules, only=only)

    def _alone(self, resource: EngineResource) -> Graph:
        self._learn_names(resource.urn)
        graph = read_resource(resource)
        return replace(graph, stack=self.stack, tier=self.tier(self.stack, shared_tags(graph)).name)

    def _as_set(self, resource: EngineResource) -> EngineResource:
        """Give a resource as its author set it.

        Left out is what AWS will compute: the engine shows it with the stack, as if the author had left it open. Of
        what a provider makes that nobody can ask yet, as that of a cluster which this run makes, it shows nothing at
        all: that is taken from when it asked about the resource alone.
        """
        inputs = self._inputs.get(resource.urn)
        if inputs is None:
            return resource
        hidden = {key: value for key, value in inputs.items() if key not in resource.properties}
        kept = {
            key: value
            for key, value in resource.properties.items()
            if key in inputs or not (isinstance(value, str) and value in UNKNOWNS)
        }
        return replace(resource, properties={**hidden, **kept})

    def _learn_names(self, urn: str) -> None:
        """Take the names of stack and project from a URN where the engine does not tell them."""
        self.stack = self.stack or stack_of(urn)
        self.project = self.project or project_of(urn)

    def _repairs(self, rule: Rule) -> bool:
        said = self.settings.rules.get(rule.id)
        return said is not None and said.level is Level.REMEDIATE

    def _is_late(self, rule: Rule, urn: str) -> bool:
        """Say whether a resource's own inputs could not answer a rule, or were never shown."""
        return rule.id in self._undecided.get(urn, {rule.id})


def _changed(properties: Mapping[str, Any], changes: Iterable[Change]) -> dict[str, Any]:
    copied: dict[str, Any] = json.loads(json.dumps(properties))
    for change in changes:
        place: Any = copied
        *path, last = _steps(change.field)
        for step in path:
            place = place[step]
        place[last] = change.value
    return copied


def _steps(path: str) -> Iterator[str | int]:
    """Split `ebs_block_devices[0].encrypted` into the engine's keys and the places in its lists."""
    for part in path.split("."):
        name, *places = part.replace("]", "").split("[")
        yield camel_case(name)
        yield from map(int, places)
