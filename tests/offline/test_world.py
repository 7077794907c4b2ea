"""The stand-in's account on disk: shared by processes, sound after a kill, and never longer than it need be."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from mlstage.offline.provider import world as world_module
from mlstage.offline.provider.behaviours import Change, cascade, facts_of, refusals
from mlstage.offline.provider.world import Thing, World, events, journal

LOG = "aws:cloudwatch/logGroup:LogGroup"
TARGET = "aws:appautoscaling/target:Target"
POLICY = "aws:appautoscaling/policy:Policy"
ENDPOINT = "aws:sagemaker/endpoint:Endpoint"
CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"


def thing(thing_id: str, token: str = LOG, **facts: object) -> Thing:
    urn = f"urn:pulumi:test::demo::{token}::{thing_id}"
    return Thing(0, urn, token, thing_id, "us-east-1", "digest", 0, facts)


def ids(world: World, token: str = LOG) -> list[str]:
    with world.held():
        return [found.id for found in world.things(token)]


def add(world: World, *things: Thing) -> None:
    with world.held():
        for one in things:
            world.add(one, one.id)


def test_two_processes_see_each_other(tmp_path: Path) -> None:
    here, there = World(tmp_path, "demo", "test"), World(tmp_path, "demo", "test")
    add(here, thing("a"))
    assert ids(there) == ["a"]
    add(there, thing("b"))
    assert ids(here) == ["a", "b"]
    with here.held():
        found = here.find(LOG, "a")
        assert found is not None
        here.remove(found, "a")
    assert ids(there) == ["b"]
    with there.held():
        assert there.is_gone(LOG, "a")
        assert not there.is_gone(LOG, "b")
    assert [event["sequence"] for event in events(tmp_path, "demo", "test")] == [1, 2, 3]
    assert ids(World(tmp_path, "demo", "prod")) == []


def test_a_torn_last_line(tmp_path: Path) -> None:
    add(World(tmp_path, "demo", "test"), thing("a"))
    path = journal(tmp_path, "demo", "test")
    with path.open("a") as file:
        file.write('{"sequence": 2, "operation": "create", "tok')
    again = World(tmp_path, "demo", "test")
    assert ids(again) == ["a"]
    add(again, thing("b"))
    assert ids(World(tmp_path, "demo", "test")) == ["a", "b"]
    assert [event["id"] for event in events(tmp_path, "demo", "test")] == ["a", "b"]


def test_history_is_dropped_when_it_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world_module, "_LONGEST", 20)
    here, there = World(tmp_path, "demo", "test"), World(tmp_path, "demo", "test")
    add(here, thing("kept"))
    assert ids(there) == ["kept"]
    for _ in range(15):
        with here.held():
            here.add(thing("passing"), "passing")
            found = here.find(LOG, "passing")
            assert found is not None
            here.remove(found, "passing")
    fresh = World(tmp_path, "demo", "test")
    assert ids(fresh) == ["kept"]
    assert len(journal(tmp_path, "demo", "test").read_text().splitlines()) == 2
    assert ids(there) == ["kept"]
    assert ids(here) == ["kept"]
    add(there, thing("later"))
    assert ids(here) == ["kept", "later"]


def test_an_account_that_was_thrown_away(tmp_path: Path) -> None:
    here = World(tmp_path, "demo", "test")
    add(here, thing("a"))
    journal(tmp_path, "demo", "test").unlink()
    assert ids(here) == []


def test_only_watched_properties_are_kept() -> None:
    assert facts_of(LOG, {"name": "/a", "kmsKeyId": "k", "tags": {"secret": "s"}}) == {"name": "/a"}
    assert facts_of("aws:ssm/parameter:Parameter", {"name": "p", "value": "s3cret"}) == {}


def place(endpoint: str = "scorer", variant: str = "main") -> dict[str, object]:
    return {
        "serviceNamespace": "sagemaker",
        "resourceId": f"endpoint/{endpoint}/variant/{variant}",
        "scalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }


def change(operation: str, token: str, **options: object) -> Change:
    return Change(operation, token, "us-east-1", "123456789012", **options)  # type: ignore[arg-type]


@pytest.fixture
def serving(tmp_path: Path) -> World:
    world = World(tmp_path, "demo", "test")
    variants = [{"variantName": "main", "instanceType": "ml.m5.large"}]
    retyped = [{"variantName": "main", "instanceType": "ml.m5.xlarge"}]
    add(
        world,
        thing("one", CONFIGURATION, productionVariants=variants),
        thing("two", CONFIGURATION, productionVariants=retyped),
        thing("three", CONFIGURATION, productionVariants=[{**variants[0], "initialInstanceCount": 2.0}]),
        thing("four", CONFIGURATION, productionVariants=[{**variants[0], "variantName": "other"}]),
        thing("scorer", ENDPOINT, name="scorer", endpointConfigName="one"),
        thing("endpoint/scorer/variant/main", TARGET, **place()),
        thing("scaling", POLICY, **place()),
    )
    return world


def test_autoscaling_blocks_updates(serving: World) -> None:
    def answers(name: str, endpoint: str = "scorer") -> list[str]:
        old, new = {"endpointConfigName": "one"}, {"endpointConfigName": name}
        return list(refusals(change("update", ENDPOINT, id=endpoint, old=old, new=new), serving))

    with serving.held():
        assert answers("three") == []
        assert answers("elsewhere") == []
        assert answers("two", endpoint="another") == []
        refused = ['ValidationException: The variant(s) "[main]" must be deregistered']
        assert [text.partition(" as ")[0] for text in answers("two")] == refused
        assert [text.partition(" as ")[0] for text in answers("four")] == refused
        target = serving.find(TARGET, "endpoint/scorer/variant/main")
        assert target is not None
        serving.remove(target, "target")
        assert answers("two") == []


def test_targets_and_policies_need_what_they_scale(serving: World) -> None:
    with serving.held():
        assert not list(refusals(change("create", TARGET, new=place()), serving))
        ecs = {**place(), "serviceNamespace": "ecs", "resourceId": "service/c/s"}
        assert not list(refusals(change("create", TARGET, new=ecs), serving))
        assert not list(refusals(change("create", POLICY, new=place()), serving))
        assert "Could not find endpoint" in next(refusals(change("create", TARGET, new=place("other")), serving))
        assert "has no variant" in next(refusals(change("create", TARGET, new=place(variant="x")), serving))
        answer = next(refusals(change("create", POLICY, new=ecs), serving))
        assert answer.startswith("ObjectNotFoundException: No scalable target registered for service namespace: ecs")


def test_what_aws_deletes_along(serving: World) -> None:
    with serving.held():
        gone = cascade(change("delete", TARGET, id="endpoint/scorer/variant/main", old=place()), serving)
        assert [one.id for one in gone] == ["scaling"]
        gone = cascade(change("delete", ENDPOINT, id="scorer", old={}), serving)
        assert [one.id for one in gone] == ["endpoint/scorer/variant/main", "scaling"]
        twin = serving.find(TARGET, "endpoint/scorer/variant/main")
        assert twin is not None
        serving.add(replace(twin, urn="another"), "twin")
        assert not list(cascade(change("delete", TARGET, id=twin.id, old=place()), serving))


@pytest.mark.parametrize(
    ("token", "facts", "answer"),
    [
        (
            "aws:sagemaker/model:Model",
            {"name": "Fraud"},
            "ValidationException: Cannot create already existing model"
            ' "arn:aws:sagemaker:us-east-1:123456789012:model/fraud".',
        ),
        ("aws:iam/role:Role", {"name": "r"}, "EntityAlreadyExists: Role with name r already exists."),
        (LOG, {"name": "/a"}, "ResourceAlreadyExistsException: The specified log group already exists: /a"),
    ],
)
def test_names_are_unique(tmp_path: Path, token: str, facts: dict[str, object], answer: str) -> None:
    world = World(tmp_path, "demo", "test")
    add(world, thing("first", token, **facts))
    with world.held():
        assert list(refusals(change("create", token, new=facts), world)) == [answer]
        elsewhere = Change("create", token, "eu-west-1", "123456789012", new=facts)
        assert bool(list(refusals(elsewhere, world))) is token.startswith("aws:iam/")
        assert not list(refusals(change("create", token, new={**facts, "name": "other"}), world))
        assert not list(refusals(change("update", token, id="first", new=facts, old=facts), world))


def test_the_log_is_json_lines(tmp_path: Path) -> None:
    world = World(tmp_path, "demo", "test")
    with world.held():
        world.note("create", "log", thing("a", name="/ä\n"), "refused, as AWS does")
    line = json.loads(journal(tmp_path, "demo", "test").read_text())
    assert (line["operation"], line["refused"], line["facts"]) == ("create", "refused, as AWS does", {"name": "/ä\n"})
    assert events(tmp_path, "nobody", "test") == []
