"""What a rule is, and the two decorators that make one out of a function."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from mlstage.graph import Graph, Group, Resource, Value
from mlstage.rules.levels import Level, Levels
from mlstage.rules.truth import Answer
from mlstage.rules.words import is_face, words_for

O = TypeVar("O")  # noqa: E741 - options

FAMILIES: Final[Mapping[str, str]] = {
    "ML1": "compute and purchase",
    "ML2": "scaling and availability",
    "ML3": "cost",
    "ML4": "security",
    "ML5": "operability",
    "ML9": "your own",
}


@dataclass(frozen=True, slots=True)
class NoOptions:
    """A rule without options."""


@dataclass(frozen=True, slots=True)
class About:
    """What a rule may know beside the resources: the stack, its tier, its workloads, and the rule's options."""

    stack: str = ""
    tier: str = ""
    groups: Mapping[str, Group] | None = None
    chosen: Any = NoOptions()

    def options(self, kind: type[O]) -> O:
        """Give the rule's options, typed."""
        if not isinstance(self.chosen, kind):
            raise TypeError(f"the rule was given {type(self.chosen).__name__}, not {kind.__name__}")
        return self.chosen

    def call(self, resource: Resource) -> str:
        """Name a resource as its author would: `real-time endpoint 'scorer'`, or `EBS volume 'data'`."""
        return words_for(resource, self._group(resource))

    def call_part(self, resource: Resource, part: str) -> str:
        """Name a part of a resource; one that people name by its workload is named so, parts and all."""
        named = self.call(resource)
        return named if not part or is_face(resource, self._group(resource)) else f"{part} of {named}"

    def _group(self, resource: Resource) -> Group | None:
        return (self.groups or {}).get(resource.workload)


@dataclass(frozen=True, slots=True)
class Change:
    """A repair: the property, by its path, and the value to set."""

    field: str
    value: Value


ResourceCheck = Callable[[Resource, About], Iterator[Answer]]
StackCheck = Callable[[Graph, About], Iterator[Answer]]
Remedy = Callable[[Resource, About], Iterator[Change]]


@dataclass(frozen=True, slots=True)
class Example:
    """A graph that a rule objects to (`at` says where: resource and field) or does not.

    `spec` is what an author writes to get it, where the language can say it.
    """

    build: Callable[[], Graph]
    at: tuple[str, str] | None = None
    spec: str = ""

    @property
    def name(self) -> str:
        """The example's name, which is unique among its rule's."""
        return self.build.__name__

    @property
    def title(self) -> str:
        """What the example shows, in a few words: its docstring."""
        return " ".join((self.build.__doc__ or "").split())


class Rule:
    """One rule. Its module is named after it; its docstring is the reason, its examples its tests and its page."""

    def __init__(
        self,
        *,
        id: str,
        name: str,
        title: str,
        levels: Levels,
        fix: str,
        elsewhere: str,
        sources: tuple[str, ...],
        text: str,
        module: str,
        types: frozenset[str] = frozenset(),
        options: type[Any] = NoOptions,
    ) -> None:
        self.id = id
        self.name = name
        self.title = title
        self.levels = levels
        self.fix = fix
        self.elsewhere = elsewhere
        self.sources = sources
        self.text = text
        self.module = module
        self.types = types
        self.options = options
        self.on_resource: ResourceCheck | None = None
        self.on_stack: StackCheck | None = None
        self.on_remedy: Remedy | None = None
        self.bad_examples: list[Example] = []
        self.good_examples: list[Example] = []

    def __repr__(self) -> str:
        return f"<Rule {self.policy}>"

    @property
    def policy(self) -> str:
        """The rule's name as a policy of Pulumi's, and in files of settings."""
        return f"{self.id}-{self.name}"

    @property
    def family(self) -> str:
        """What the rule is about."""
        return FAMILIES.get(self.id[:3], "")

    @property
    def why(self) -> str:
        """The reason in a sentence or two: the docstring's first paragraph."""
        return " ".join(self.text.split("\n\n")[0].split())

    def cure(self, resource: Resource | None) -> str:
        """Say what to write: in a spec, or in code that mlstage did not write, which knows no words of the language."""
        return self.elsewhere if self.elsewhere and resource is not None and not resource.workload else self.fix

    @property
    def scope(self) -> str:
        """`resource` when one resource can decide it (it is refused before it is made), else `stack`."""
        return "resource" if self.on_resource else "stack"

    def over_stack(self, check: StackCheck) -> StackCheck:
        """Add what only several resources together can tell. It must not repeat what one resource tells."""
        self.on_stack = check
        return check

    def remedy(self, repair: Remedy) -> Remedy:
        """Add the mechanical repair of one resource."""
        self.on_remedy = repair
        return repair

    def bad(self, resource: str, field: str, *, spec: str = "") -> Callable[[Callable[[], Graph]], Example]:
        """Add an example that this rule, and no other, objects to at this field of this resource."""

        def register(build: Callable[[], Graph]) -> Example:
            example = Example(build, (resource, field), spec)
            self.bad_examples.append(example)
            return example

        return register

    def good(self, *, spec: str = "") -> Callable[[Callable[[], Graph]], Example]:
        """Add an example that no rule objects to."""

        def register(build: Callable[[], Graph]) -> Example:
            example = Example(build, None, spec)
            self.good_examples.append(example)
            return example

        return register


def resource_rule(
    *,
    id: str,
    name: str,
    title: str,
    types: tuple[str, ...],
    levels: Levels,
    fix: str,
    sources: tuple[str, ...],
    options: type[Any] = NoOptions,
    elsewhere: str = "",
) -> Callable[[ResourceCheck], Rule]:
    """Make a rule that is decided on one resource of the given types.

    `fix` is what to write; where that is in the words of specs, `elsewhere` says it for all other code.
    """

    def make(check: ResourceCheck) -> Rule:
        rule = Rule(
            id=id,
            name=name,
            title=title,
            levels=levels,
            fix=fix,
            elsewhere=elsewhere,
            sources=sources,
            text=inspect.cleandoc(check.__doc__ or ""),
            module=check.__module__,
            types=frozenset(types),
            options=options,
        )
        rule.on_resource = check
        return rule

    return make


def stack_rule(
    *,
    id: str,
    name: str,
    title: str,
    levels: Levels,
    fix: str,
    sources: tuple[str, ...],
    options: type[Any] = NoOptions,
    elsewhere: str = "",
) -> Callable[[StackCheck], Rule]:
    """Make a rule that is decided on how the resources of a stack hang together; see `resource_rule`."""

    def make(check: StackCheck) -> Rule:
        rule = Rule(
            id=id,
            name=name,
            title=title,
            levels=levels,
            fix=fix,
            elsewhere=elsewhere,
            sources=sources,
            text=inspect.cleandoc(check.__doc__ or ""),
            module=check.__module__,
            options=options,
        )
        rule.on_stack = check
        return rule

    return make


def in_production(level: Level = Level.MANDATORY) -> Levels:
    """Levels of a rule about production: off in test, and advice where the tier is not known."""
    return Levels(test=Level.DISABLED, production=level, other=Level.ADVISORY)


def in_test(level: Level = Level.MANDATORY) -> Levels:
    """Levels of a rule about test: off everywhere else."""
    return Levels(test=level, production=Level.DISABLED, other=Level.DISABLED)
