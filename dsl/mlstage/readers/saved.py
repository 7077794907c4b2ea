"""Judging what another tool saved: a Terraform plan or a Pulumi preview, whoever wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from mlstage.diagnostics import Diagnostic, Kind, Related, Summary, Where
from mlstage.graph import VOCABULARY, Graph
from mlstage.graph.properties import UnknownProperty, terraform_path
from mlstage.readers.errors import ReadError
from mlstage.readers.manifest import read_waivers
from mlstage.readers.pulumi_preview import read_preview_file
from mlstage.readers.pulumi_stack import project_of, shared_tags
from mlstage.readers.terraform_kubernetes import object_path
from mlstage.readers.terraform_module import module_of
from mlstage.readers.terraform_plan import read_plan_file
from mlstage.readers.terraform_sources import Sources
from mlstage.rules.judge import Verdict, judge
from mlstage.rules.levels import Tier, tier_of
from mlstage.rules.report import Places, diagnostics
from mlstage.rules.settings import DEFAULT, Settings
from mlstage.rules.waivers import Waiver

# Terraform's workspace where nobody made another one: it tells nothing.
_DEFAULT_WORKSPACE: Final = "default"
_WORKSPACE_FILE: Final = Path(".terraform/environment")


@dataclass(frozen=True, slots=True)
class Terms:
    """By what to judge: how strictly, and the day by which waivers count.

    `stack` is the stack's or workspace's name where the file does not tell it, and `tier` overrules all that tells one.
    `waivers` are those of specs; where the caller does not know them, `places` are the folders in which a project's
    manifest may lie, which has them.
    """

    today: date
    settings: Settings = DEFAULT
    stack: str = ""
    tier: str = ""
    waivers: tuple[Waiver, ...] = ()
    places: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """What the rules say of a saved file. `file` is as it was named, and `tier` says what told it."""

    file: str
    verdict: Verdict
    tier: Tier
    diagnostics: tuple[Diagnostic, ...]

    @property
    def not_judged(self) -> Mapping[str, int]:
        """How many resources there are of each type that rules do not know."""
        return self.verdict.unjudged or {}

    @property
    def summary(self) -> Summary:
        """What was judged, as what, and what was not."""
        graph = self.verdict.graph
        undecided = sum(one.kind is Kind.UNDECIDED for one in self.diagnostics)
        judged = len(graph.resources) - sum(self.not_judged.values())
        lines = [f"{self.file}: {_counted(judged, 'resource')} judged as {_as(self.tier)}"]
        if undecided:
            lines.append(
                f"not decided: {_counted(undecided, 'value')} that {'is' if undecided == 1 else 'are'} not known"
            )
        if self.not_judged:
            listed = ", ".join(f"{number} {name}" for name, number in self.not_judged.items())
            number = _counted(sum(self.not_judged.values()), "resource")
            lines.append(f"not judged: {number} of unknown type ({listed})")
        facts: dict[str, Any] = {
            "file": self.file,
            "stack": graph.stack,
            "tier": {"name": self.tier.name, "because": self.tier.because},
            "judged": judged,
            "undecided": undecided,
            "not_judged": dict(self.not_judged),
        }
        return Summary(tuple(lines), facts)


def judge_plan(path: Path, terms: Terms, *, module: Path | None = None, shown: Path | None = None) -> Judged:
    """Judge a Terraform plan (`terraform show -json PLAN`). Raises `ReadError` that names the file.

    `module` is the folder of its root module, `shown` that folder as the author names it; without them, the plan lies
    there. What is not in the file is found there: the workspace, lines and, where it is JSON, what stands in locals.
    """
    folder = path.parent if module is None else module
    reading = read_plan_file(path, module=_readable(folder))
    stack = terms.stack or _workspace(folder) or reading.graph.stack
    places = _Saved(path.as_posix(), reading.addresses, Sources(folder, reading.configuration, shown))
    written = _waivers_for(reading.graph, terms)
    return _judged(replace(reading.graph, stack=stack), terms, places, written)


def judge_preview(path: Path, terms: Terms) -> Judged:
    """Judge a Pulumi preview (`pulumi preview --json`). Raises `ReadError` that names the file."""
    reading = read_preview_file(path)
    graph = replace(reading.graph, stack=terms.stack or reading.graph.stack)
    project = next((project_of(urn) for urn in reading.urns.values()), "")
    written = read_waivers(terms.places, reading.graph.stack, project)
    return _judged(graph, terms, _Saved(path.as_posix(), reading.urns), written, reading.config)


def _waivers_for(graph: Graph, terms: Terms) -> tuple[Waiver, ...]:
    """Find the waivers of the spec that a plan was compiled from, if its tags tell one."""
    if not graph.environment:
        return ()
    found = read_waivers(terms.places, graph.stack, None)
    return tuple(waiver for waiver in found if waiver.environment in ("", graph.environment))


def _judged(
    graph: Graph,
    terms: Terms,
    places: _Saved,
    written: tuple[Waiver, ...] = (),
    config: Mapping[str, str] | None = None,
) -> Judged:
    tier = _tier(graph, terms, (config or {}).get("mlstage:tier", ""))
    graph = replace(graph, tier=tier.name)
    # Authors know their resources by address; the graph has names.
    names = {address: name for name, address in places.addresses.items()}
    own = [replace(one, resource=names.get(one.resource, one.resource)) for one in terms.settings.waivers]
    verdict = judge(graph, terms.settings, (*terms.waivers, *written, *own), today=terms.today)
    # A spec's waiver that answers nothing here may be there for another of its stacks.
    verdict = replace(verdict, unused=tuple(one for one in verdict.unused if one in own))
    return Judged(places.file, verdict, tier, diagnostics([verdict], places))


def _tier(graph: Graph, terms: Terms, config: str) -> Tier:
    if terms.tier:
        return Tier(terms.tier, "it was asked for")
    return tier_of(
        graph.stack,
        configured=terms.settings.tier,
        by_stack=terms.settings.stacks,
        config=config,
        tags=shared_tags(graph),
    )


def _readable(folder: Path) -> Path | None:
    """Give the folder if it has a root module in JSON; without it a plan tells less, and nothing wrong."""
    try:
        module_of(folder)
    except ReadError:
        return None
    return folder


def _workspace(folder: Path) -> str:
    """Find the workspace that was chosen in a folder; Terraform notes all but the first one there."""
    try:
        name = (folder / _WORKSPACE_FILE).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
    return "" if name == _DEFAULT_WORKSPACE else name


def _as(tier: Tier) -> str:
    if tier.name:
        return f"{tier.name} ({tier.because})"
    return f"neither test nor production ({tier.because}; rules about production only advise)"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


@dataclass(frozen=True)
class _Saved(Places):
    """Names resources as the tool that saved them does; a saved file tells no lines, but Terraform's `sources` may."""

    file: str
    addresses: Mapping[str, str]
    sources: Sources | None = None

    def subject(self, graph: Graph, name: str) -> str:  # noqa: ARG002
        return self.addresses.get(name, name)

    def where(self, graph: Graph, name: str, field: str, cure: str) -> Where | None:  # noqa: ARG002
        found = None
        if self.sources and name in self.addresses:
            found = self.sources.where(self.addresses[name], self.field(graph, name, field))
        return found or Where(self.file)

    def field(self, graph: Graph, name: str, field: str) -> str:
        resource = graph.by_name.get(name)
        if self.sources is None or resource is None or resource.type not in VOCABULARY:
            return field
        if not field:
            return field
        if VOCABULARY[resource.type].kind:
            return object_path(resource.type, field, self.addresses.get(name, name))
        try:
            return terraform_path(resource.type, field)
        except UnknownProperty:
            return field

    def notes(self, graph: Graph, name: str, field: str) -> tuple[Related, ...]:
        if name not in self.addresses:
            return ()
        called = "Pulumi's URN" if self.sources is None else "Terraform's address"
        said = f", `{self.field(graph, name, field)}`" if field else ""
        return (Related(f"{called}: {self.addresses[name]}{said}"),)
