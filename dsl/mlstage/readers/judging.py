"""Judging for Pulumi's engine: each resource before it is made, then the stack as a whole.

What this module knows of the engine is `EngineResource`; `policy_pack` speaks its protocol.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from mlstage.graph import Graph, by_token
from mlstage.readers.errors import ReadError
from mlstage.readers.pulumi_stack import (
    EngineResource,
    Reading,
    project_of,
    read_resource,
    read_stack,
    stack_of,
    tier_tag,
)
from mlstage.readers.pulumi_values import UNKNOWNS, camel_case
from mlstage.rules.judge import Half, Objection, Open, Verdict, Waived, judge
from mlstage.rules.levels import Level, Tier, tier_of
from mlstage.rules.report import in_stack, lapsed_note, open_text, waived_text
from mlstage.rules.rule import About, Change, Rule
from mlstage.rules.settings import DEFAULT, GENERAL, Settings, settings_of
from mlstage.rules.waivers import Waiver, waivers_of

MANIFEST: Final = Path("programs/manifest.json")


@dataclass(frozen=True, slots=True)
class Report:
    """One thing to tell the engine: by which policy, how much it weighs, of which resource (empty: the stack)."""

    policy: str
    level: Level
    message: str
    urn: str = ""


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
        self._waived: list[tuple[str, Report]] = []
        self._inputs: dict[str, frozenset[str]] = {}

    def configure(self, entries: Mapping[str, Mapping[str, Any]]) -> None:
        """Take the settings that the engine read. Raises `SettingsError`."""
        self.settings = settings_of(entries, self.rules)

    def configure_stack(self, stack: str, project: str, config: Mapping[str, str], tags: Mapping[str, str]) -> None:
        """Take what the engine knows of the stack."""
        self.stack, self.project = stack, project
        self.config, self.stack_tags = dict(config), dict(tags)

    def tier(self, stack: str, tag: str = "") -> Tier:
        """Find the stack's tier."""
        return tier_of(
            stack,
            configured=self.settings.tier,
            by_stack=self.settings.stacks,
            config=self.config.get("mlstage:tier", ""),
            tag=self.stack_tags.get("mlstage:tier", "") or tag,
        )

    def resource(self, resource: EngineResource) -> list[Report]:
        """Judge one resource by what it alone tells, before it is made."""
        self._inputs[resource.urn] = frozenset(resource.properties)
        info = by_token(resource.type)
        asked = [rule for rule in self.rules if rule.on_resource and info and info.name in rule.types]
        if not asked:
            return []
        graph = self._alone(resource)
        verdict = self._judge(graph, asked, "resource")
        # What is not known yet may be known by the end, through other resources: it is said then.
        self._undecided[resource.urn] = frozenset(item.rule.id for item in verdict.open)
        self._waived += [(resource.urn, self._waiver_report(verdict, item, resource.urn)) for item in verdict.waived]
        return [self._objection(verdict, item, resource.urn) for item in verdict.objections]

    def whole(self, resources: Sequence[EngineResource]) -> list[Report]:
        """Judge the stack, by relations between resources and by what was not known before."""
        self._learn_names(next((r.urn for r in resources), ""))
        reading = read_stack([self._as_set(resource) for resource in resources], stack=self.stack)
        graph = replace(reading.graph, tier=self.tier(self.stack, tier_tag(reading.graph)).name)
        by_relation = self._judge(graph, self.rules, "stack")
        late = self._judge(graph, self.rules, "resource")
        reports = [*self._general(by_relation), *(report for _, report in self._waived)]
        reports += self._reports(by_relation, reading, lambda _rule, _urn: True)
        reports += self._reports(late, reading, self._is_late)
        self._forget()
        return list(dict.fromkeys(reports))

    def repair(self, resource: EngineResource) -> list[Repair]:
        """Repair what is mechanical, by the rules whose level is `remediate`."""
        asked = [rule for rule in self.rules if rule.on_remedy and self._repairs(rule)]
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
    def waivers(self) -> tuple[Waiver, ...]:
        """The waivers of this stack: what `mlstage compile` left in the project's manifest."""
        if self._waivers is None:
            try:
                self._waivers = read_waivers(self._places, self.stack, self.project)
            except ReadError as error:
                self._waivers, self._unread = (), str(error)
        return self._waivers

    def _judge(self, graph: Graph, rules: Sequence[Rule], only: Half) -> Verdict:
        return judge(graph, self.settings, self.waivers, today=self.today, rules=rules, only=only)

    def _alone(self, resource: EngineResource) -> Graph:
        self._learn_names(resource.urn)
        graph = read_resource(resource)
        return replace(graph, stack=self.stack, tier=self.tier(self.stack, tier_tag(graph)).name)

    def _as_set(self, resource: EngineResource) -> EngineResource:
        """Leave out what AWS will compute: the engine shows it with the stack, as if the author had left it open."""
        inputs = self._inputs.get(resource.urn)
        if inputs is None:
            return resource
        kept = {
            key: value
            for key, value in resource.properties.items()
            if key in inputs or not (isinstance(value, str) and value in UNKNOWNS)
        }
        return replace(resource, properties=kept)

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

    def _reports(self, verdict: Verdict, reading: Reading, wanted: Callable[[Rule, str], bool]) -> Iterator[Report]:
        for item in verdict.objections:
            urn = reading.urns.get(item.finding.resource, "")
            if wanted(item.rule, urn):
                yield self._objection(verdict, item, urn)
        for open_item in verdict.open:
            urn = reading.urns.get(open_item.undecided.resource, "")
            if wanted(open_item.rule, urn):
                yield self._open(verdict, open_item, urn)
        for waived in verdict.waived:
            urn = reading.urns.get(waived.answer.resource, "")
            if wanted(waived.rule, urn):
                yield self._waiver_report(verdict, waived, urn)

    def _general(self, verdict: Verdict) -> Iterator[Report]:
        """Report what concerns no rule: waivers that do not count, and a manifest that cannot be read."""
        if self._unread:
            yield Report(GENERAL, Level.ADVISORY, f"waivers are not applied: {self._unread}")
        for waiver in verdict.strange:
            what = f"the waiver of {waiver} names a rule that does not exist"
            yield Report(GENERAL, Level.ADVISORY, f"{what}\nfix: the id of a rule that `mlstage rules` lists")
        for waiver in verdict.lapsed:
            what = f"the waiver of {waiver} {waiver.fault(self.today)}, so it does not count"
            yield Report(GENERAL, Level.ADVISORY, f"{what}\nfix: drop the waiver, or give it a new reason and day")

    @staticmethod
    def _objection(verdict: Verdict, item: Objection, urn: str) -> Report:
        lines = [item.finding.message + in_stack(verdict.graph), item.rule.why]
        lines += [f"note: {lapsed_note(waiver, verdict)}" for waiver in item.lapsed]
        lines.append(f"fix: {item.finding.instead or item.rule.fix}")
        return Report(item.rule.policy, item.level, "\n".join(lines), urn)

    @staticmethod
    def _open(verdict: Verdict, item: Open, urn: str) -> Report:
        text = open_text(item.rule, item.undecided, verdict.graph) + in_stack(verdict.graph)
        return Report(item.rule.policy, item.level, f"{text}\n{item.undecided.reason}", urn)

    @staticmethod
    def _waiver_report(verdict: Verdict, item: Waived, urn: str) -> Report:
        return Report(item.rule.policy, Level.ADVISORY, waived_text(item, verdict.graph), urn)


def read_waivers(places: Iterable[Path], stack: str, project: str) -> tuple[Waiver, ...]:
    """Read a stack's waivers from its project's manifest, the first found.

    A pack may judge programs of another project than the one that it lies in: that one's waivers are not for them.
    Raises `ReadError`; no manifest means no waivers.
    """
    for place in places:
        path = place / MANIFEST
        if not path.is_file() or _project_at(place) not in ("", project):
            continue
        try:
            stacks = json.loads(path.read_text(encoding="utf-8"))["stacks"]
            entries = stacks.get(stack, {}).get("waivers", [])
            environments = tuple({name for one in stacks.values() for name in one.get("programs", {})})
            return tuple(replace(waiver, neighbours=environments) for waiver in waivers_of(entries))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ReadError(f"{MANIFEST.as_posix()} is not as `mlstage compile` writes it ({error})") from error
    return ()


def _project_at(place: Path) -> str:
    """Give the name of the Pulumi project in a folder; empty if there is none that can be read."""
    import yaml

    try:
        settings = yaml.safe_load((place / "Pulumi.yaml").read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return ""
    return str(settings.get("name", "")) if isinstance(settings, dict) else ""


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
