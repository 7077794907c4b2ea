"""ML501: resources that belong to nobody."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from mlstage.graph import VOCABULARY, Graph, Resource, Value
from mlstage.rules import examples
from mlstage.rules.levels import Level, Levels, tier_in
from mlstage.rules.rule import About, Change, resource_rule
from mlstage.rules.truth import NO, Answer, Field, Truth, field, truth, when

_NOT_ASKED = ("aws.ec2.DefaultSecurityGroup",)
# Stages that are neither test nor production.
_STAGES = frozenset(
    ("demo", "int", "integration", "nonprod", "non-prod", "preprod", "pre-prod", "qa", "stage", "staging", "stg", "uat")
)


@dataclass(frozen=True, slots=True)
class MissingTags:
    """Which tags say whose a resource is, what it is part of, and in which stage: any of the keys of each will do.

    A key counts without what stands before its last colon, and in capitals or not. `owner` and `project` are what the
    repair writes.
    """

    owner_keys: tuple[str, ...] = ("owner", "team", "contact", "cost-center")
    environment_keys: tuple[str, ...] = ("environment", "project", "application", "app", "service", "system")
    stage_keys: tuple[str, ...] = ("stage", "stack", "env", "tier", "environment")
    owner: str = ""
    project: str = ""


@resource_rule(
    id="ML501",
    name="missing-tags",
    title="Resource without tags for owner, environment and stage",
    types=tuple(name for name, info in VOCABULARY.items() if info.taggable and name not in _NOT_ASKED),
    levels=Levels(test=Level.ADVISORY, production=Level.ADVISORY, other=Level.ADVISORY),
    fix="the tags on the provider (`default_tags`), so that no resource can go without",
    sources=("https://docs.aws.amazon.com/whitepapers/latest/tagging-best-practices/tagging-best-practices.html",),
    options=MissingTags,
)
def missing_tags(resource: Resource, about: About) -> Iterator[Answer]:
    """A GPU endpoint that nobody claims runs until somebody dares to delete it; bills are split by tags or by guessing.

    Three things are asked of every resource that takes tags: whose it is, what it is part of, and in which stage it
    is. Which keys say so are options: `Environment=prod` is understood as the stage, and asks for a project beside it.
    """
    tags = _tags(resource)
    options = about.options(MissingTags)
    lacks = _lacking(_keys(tags), options)
    yield from when(
        _open(tags) if lacks else NO,
        tags,
        f"{about.call(resource)} has no tag for {_listed(lacks)}",
    )


@missing_tags.remedy
def _tag(resource: Resource, about: About) -> Iterator[Change]:
    """Write what is known: the stage is the stack, and the settings can say the owner and the project."""
    tags, options = _tags(resource), about.options(MissingTags)
    lacks = _lacking(_keys(tags), options)
    known = {
        "owner": options.owner,
        "environment": options.project,
        "project": options.project,
        "stage": about.stack,
    }
    keys = {
        "owner": options.owner_keys,
        "environment": options.environment_keys,
        "project": tuple(key for key in options.environment_keys if key not in options.stage_keys),
        "stage": options.stage_keys,
    }
    made = {keys[lack][0]: known[lack] for lack in lacks if known[lack] and keys[lack]}
    own = resource.props.get("tags")
    if made and (own is None or isinstance(own, Mapping)) and _open(tags).value:
        yield Change("tags", {**(own or {}), **made})


def _tags(resource: Resource) -> Field:
    """Give the tags with those of the provider, which plans and the engine show together as `tags_all`."""
    own, together = field(resource, "tags"), field(resource, "tags_all").value
    if not isinstance(together, Mapping):
        return own
    # Tags that a repair has just written are not among all of them yet.
    return replace(own, value={**together, **(own.value if isinstance(own.value, Mapping) else {})})


def _open(tags: Field) -> Truth:
    """Say yes, unless there may be tags that nobody knows yet."""
    return truth(True) if tags.value is None or isinstance(tags.value, Mapping) else tags.gap()


def _keys(tags: Field) -> Mapping[str, Value]:
    if not isinstance(tags.value, Mapping):
        return {}
    return {re.split(r"[:/]", str(key))[-1].casefold(): value for key, value in tags.value.items()}


def _lacking(keys: Mapping[str, Value], options: MissingTags) -> tuple[str, ...]:
    """Say what no tag tells; a key that could tell two things tells one of them, and its value may say which."""
    owner = _among(keys, options.owner_keys)
    environment, stage = _among(keys, options.environment_keys), _among(keys, options.stage_keys)
    both = any(one != other for one in environment for other in stage)
    is_stage = any(_is_stage(keys[one]) for one in environment & stage)
    lacks = {
        "owner": not owner,
        "environment": not environment,
        # Nobody who has written `Environment=prod` would look for the lack of an environment.
        "project": bool(environment) and is_stage and not both,
        "stage": not (both or is_stage or (stage and not environment)),
    }
    return tuple(name for name, lack in lacks.items() if lack)


def _is_stage(value: Value) -> bool:
    return isinstance(value, str) and bool(tier_in(value) or value.casefold() in _STAGES)


def _among(keys: Mapping[str, Value], wanted: Iterable[str]) -> frozenset[str]:
    return frozenset(keys) & {key.casefold() for key in wanted}


def _listed(names: tuple[str, ...]) -> str:
    *most, last = names or ("",)
    return f"{', '.join(most)} and {last}" if most else last


def _topic(tags: Mapping[str, str] | None) -> Resource:
    return Resource("alarms", "aws.sns.Topic", {"kms_master_key_id": "alias/fraud", **({"tags": tags} if tags else {})})


@missing_tags.bad("alarms", "tags")
def nobody_s() -> Graph:
    """A topic without any tag."""
    return examples.in_production_stack(_topic(None), without="tags")


@missing_tags.bad("alarms", "tags")
def owner_alone() -> Graph:
    """A topic that says whose it is, and not what it is for."""
    return examples.in_production_stack(_topic({"Owner": "payments-ml"}), without="tags")


@missing_tags.good()
def tags_of_many_teams() -> Graph:
    """Tags as many teams have them: `Environment` is the stage where a project stands beside it."""
    tags = {"Team": "payments-ml", "Project": "fraud-detection", "Environment": "prod"}
    return examples.in_production_stack(_topic(tags), without="tags")


@missing_tags.good()
def tags_of_mlstage() -> Graph:
    """The tags that mlstage sets."""
    tags = {"mlstage:owner": "payments-ml", "mlstage:environment": "fraud-detection", "mlstage:stack": "prod"}
    return examples.in_production_stack(_topic(tags), without="tags")
