from dataclasses import replace

import pytest

from mlstage.graph import Graph, GraphError, JsonDocument, Options, Ref, Resource, Value, join
from mlstage.passes import Context, hashed_names

CONTEXT = Context(environment="fraud", stack="prod", owner="payments-ml")


def graph(
    image: str = "acme/fraud:1",
    *,
    role_name: str = "fraud-scorer",
    role_description: str = "scores",
    instance: str = "ml.m5.large",
    tags: dict[str, Value] | None = None,
    role: str = "role",
    aliases: tuple[str, ...] = (),
) -> Graph:
    return Graph(
        (
            Resource(
                "config",
                "aws.sagemaker.EndpointConfiguration",
                {
                    "name": "fraud-scorer",
                    "production_variants": ({"model_name": Ref("model", "name"), "instance_type": instance},),
                },
            ),
            Resource(
                "model",
                "aws.sagemaker.Model",
                {
                    "name": "fraud-scorer",
                    "execution_role_arn": Ref(role, "arn"),
                    "primary_container": {"image": image},
                    "tags": tags or {},
                },
            ),
            Resource(
                role,
                "aws.iam.Role",
                {"name": role_name, "description": role_description, "assume_role_policy": JsonDocument({})},
                options=Options(aliases=aliases),
            ),
        )
    )


def names(graph: Graph) -> tuple[Value, Value]:
    named = hashed_names(graph, CONTEXT).by_name
    return named["model"].props["name"], named["config"].props["name"]


def test_the_hash_follows_the_readable_name() -> None:
    assert names(graph()) == ("fraud-scorer-caa1fe31", "fraud-scorer-21c28ac4")


def test_a_changed_model_gives_a_new_configuration_too() -> None:
    before, after = names(graph()), names(graph("acme/fraud:2"))
    assert before[0] != after[0]
    assert before[1] != after[1]


def test_a_changed_configuration_leaves_the_model() -> None:
    before, after = names(graph()), names(graph(instance="ml.m5.xlarge"))
    assert before[0] == after[0]
    assert before[1] != after[1]


def test_tags_change_in_place() -> None:
    assert names(graph()) == names(graph(tags={"cost-center": "42"}))


def test_what_replaces_the_role_replaces_the_model() -> None:
    assert names(graph()) != names(graph(role_name="fraud-scorer-2"))
    assert names(graph()) == names(graph(role_description="scores transactions"))


def test_a_rename_with_an_alias_keeps_what_there_is() -> None:
    assert names(graph(role="renamed", aliases=("role",))) == names(graph())
    assert names(graph(role="renamed")) != names(graph())


def test_a_reference_inside_text_counts() -> None:
    def with_url(part: Ref) -> Graph:
        changed = graph()
        model = changed.by_name["model"].with_props(
            primary_container={"image": "acme/fraud:1", "model_data_url": join("s3://acme/", part, ".tar.gz")}
        )
        return changed.with_resources(model if one.name == "model" else one for one in changed.resources)

    assert names(with_url(Ref("role", "unique_id"))) != names(with_url(Ref("role", "name")))


def test_resources_keep_their_order() -> None:
    given = graph()
    assert [one.name for one in hashed_names(given, CONTEXT).resources] == [one.name for one in given.resources]


def test_a_long_name_stays_within_63_characters() -> None:
    given = graph()
    long = replace(given.by_name["model"], props={**given.by_name["model"].props, "name": "f" * 63})
    made = hashed_names(
        given.with_resources(long if one.name == "model" else one for one in given.resources), CONTEXT
    ).by_name["model"]
    assert len(str(made.props["name"])) == 63


@pytest.mark.parametrize("name", [None, "", Ref("role", "name")])
def test_an_immutable_resource_needs_a_readable_name(name: Value) -> None:
    given = graph().with_resources(
        one.with_props(name=name) if one.name == "model" else one for one in graph().resources
    )
    with pytest.raises(GraphError, match="immutable in AWS and has no readable name"):
        hashed_names(given, CONTEXT)
