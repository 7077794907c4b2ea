import pytest

from mlstage.emit.variables import config_variable, module_name, snake_case, variables
from mlstage.graph import Graph, Group, Resource


def names(*resources: tuple[str, str], groups: tuple[str, ...] = ()) -> tuple[dict[str, str], dict[str, str]]:
    graph = Graph(
        tuple(Resource(name, kind, {}) for name, kind in resources),
        environment="fraud",
        groups=tuple(Group(name, "Training") for name in groups),
    )
    first, second = variables(graph, ["config"])
    return dict(first), dict(second)


def test_the_environments_name_is_left_out() -> None:
    assert names(("fraud-scorer-model", "aws.sagemaker.Model"), ("frauds", "aws.sns.Topic"))[1] == {
        "fraud-scorer-model": "scorer_model",
        "frauds": "frauds",
    }


def test_a_resource_called_like_its_workload_carries_its_type() -> None:
    assert names(("fraud-scorer", "aws.iam.Role"), ("fraud-scorer_", "aws.iam.Role"), groups=("scorer",)) == (
        {"scorer": "scorer"},
        {"fraud-scorer": "scorer_role", "fraud-scorer_": "scorer_"},
    )


def test_names_that_come_out_alike_are_numbered() -> None:
    topic = "aws.sns.Topic"
    assert names(("a-b", topic), ("a_b", topic), ("a.b", topic), ("A-B", topic))[1] == {
        "a-b": "a_b",
        "a_b": "a_b_topic",
        "a.b": "a_b_topic_2",
        "A-B": "a_b_topic_3",
    }


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("lambda", "lambda_topic"),
        ("pulumi", "pulumi_topic"),
        ("aws", "aws_topic"),
        ("json", "json_topic"),
        ("config", "config_topic"),
        ("type", "type_topic"),
        ("list", "list_topic"),
        ("3d-model", "_3d_model"),
        ("fraud-", "_"),
        ("größe", "gr__e"),
    ],
)
def test_no_word_that_the_program_or_python_needs(name: str, variable: str) -> None:
    expected = "__topic" if variable == "_" else variable
    assert names((name, "aws.sns.Topic"))[1] == {name: expected}


def test_a_workload_with_a_word_of_pythons() -> None:
    assert names(groups=("lambda", "aws", "class"))[0] == {"lambda": "lambda_", "aws": "aws_", "class": "class_"}


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("fraud-detection", "fraud_detection"),
        ("../../etc/passwd", "______etc_passwd"),
        ("..", "__"),
        ("a/b\\c:d\0e", "a_b_c_d_e"),
        ("2024", "_2024"),
        ("", "_"),
        ("prod.eu", "prod_eu"),
    ],
)
def test_no_name_leads_out_of_its_folder(name: str, module: str) -> None:
    assert module_name(name) == module


def test_snake_case() -> None:
    assert snake_case("EndpointConfiguration") == "endpoint_configuration"
    assert snake_case("NotebookInstanceLifecycleConfiguration") == "notebook_instance_lifecycle_configuration"
    assert config_variable("") == "config"
    assert config_variable("slack-bot") == "slack_bot_config"
