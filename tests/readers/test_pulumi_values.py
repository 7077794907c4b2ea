"""Properties as the engine writes them: names, numbers, unknowns, secrets, free maps, documents."""

from __future__ import annotations

import typing
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from mlstage.graph import UNKNOWN, VOCABULARY, ConfigSecret, Join, JsonDocument, Ref, Value
from mlstage.graph.properties import properties_of
from mlstage.readers.pulumi_values import (
    MORE_DOCUMENTS,
    camel_case,
    documents_of,
    read_properties,
    read_value,
    snake_case,
)
from tests.emit.sample import sample

TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "value": "hunter2"}


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("ml.m5.large", "ml.m5.large"),
        (2.0, 2),
        (0.5, 0.5),
        (True, True),
        (None, None),
        ([1.0, "a"], (1, "a")),
        ({"kmsKeyArn": "x"}, {"kms_key_arn": "x"}),
        ({"tags": {"costCenter": "a"}}, {"tags": {"costCenter": "a"}}),
        (
            {"primaryContainer": {"environment": {"modelName": "a"}}},
            {"primary_container": {"environment": {"modelName": "a"}}},
        ),
        (TEXT, UNKNOWN),
        ({"instanceType": TEXT}, {"instance_type": UNKNOWN}),
        ("3eeb2bf0-c639-47a8-9e75-3b44932eb421", UNKNOWN),
        ("1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", UNKNOWN),
        ("6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", UNKNOWN),
        (SECRET, ConfigSecret("")),
        ("[secret]", ConfigSecret("")),
        ({SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "text": "x"}, UNKNOWN),
        ({SIGNATURE: "d0e6a833031e9bbcd3f4e8bde6ca49a4", "value": 3.0}, 3),
        ({SIGNATURE: "d0e6a833031e9bbcd3f4e8bde6ca49a4"}, UNKNOWN),
        ({SIGNATURE: "d0e6a833031e9bbcd3f4e8bde6ca49a4", "value": "x", "secret": True}, ConfigSecret("")),
    ],
)
def test_values(raw: Any, value: Value) -> None:
    read = read_value(raw)
    assert read == value
    assert type(read) is type(value)


def test_a_secret_s_text_never_enters() -> None:
    assert "hunter2" not in repr(read_properties("aws.ebs.Volume", {"kmsKeyId": SECRET}))


def test_an_unknown_value_is_a_reference_to_what_it_comes_from() -> None:
    raw = {"name": TEXT, "resourceId": TEXT, "variants": [{"modelName": TEXT}], "size": TEXT, "known": "x"}
    sources = {"name": ("role",), "resourceId": ("endpoint", "config"), "variants": ("model",), "known": ("role",)}
    assert read_properties("aws.sagemaker.Endpoint", raw, sources) == {
        "name": Ref("role", ""),
        "resource_id": Join((Ref("config", ""), Ref("endpoint", ""))),
        "variants": ({"model_name": Ref("model", "")},),
        "size": UNKNOWN,
        "known": "x",
    }


def test_documents_are_read_where_they_are_expected() -> None:
    raw = {"policy": '{"Statement": [{"Effect": "Allow"}]}', "name": "{}"}
    assert read_properties("aws.iam.RolePolicy", raw) == {
        "policy": JsonDocument({"Statement": ({"Effect": "Allow"},)}),
        "name": "{}",
    }
    as_object = {"policy": {"Statement": [{"Effect": "Allow", "NotAction": TEXT}]}}
    assert read_properties("aws.iam.RolePolicy", as_object) == {
        "policy": JsonDocument({"Statement": ({"Effect": "Allow", "NotAction": UNKNOWN},)})
    }
    for text in ("not JSON", "3", "[" * 100_000):
        assert read_properties("aws.iam.RolePolicy", {"policy": text}) == {"policy": text}


def test_what_is_the_engine_s_own_is_left_out() -> None:
    assert read_properties("aws.ebs.Volume", {"__defaults": [], "size": 8.0}) == {"size": 8}


Path = tuple[tuple[str, str], ...]


def is_mapping(kind: Any) -> bool:
    return typing.get_origin(kind) in (dict, Mapping) or any(is_mapping(inner) for inner in typing.get_args(kind))


@pytest.fixture(scope="module")
def aws_inputs() -> list[tuple[str, Path, Any]]:
    """Every input of every type of the vocabulary: its path, as Python's and the engine's names, and what it takes."""
    found: list[tuple[str, Path, Any]] = []
    with warnings.catch_warnings():  # modules of pulumi_aws warn of what is deprecated in them as they are imported
        warnings.simplefilter("ignore", DeprecationWarning)
        types = pytest.importorskip("pulumi._types")
        aws = pytest.importorskip("pulumi_aws")
        for info in VOCABULARY.values():
            module, _, name = info.name.removeprefix("aws.").rpartition(".")
            if not info.data and info.name.startswith("aws."):
                arguments = getattr(getattr(aws, module), f"{name}Args")
                found += [(info.name, path, kind) for path, kind in inputs(arguments, types, ())]
    return found


def inputs(arguments: type, types: Any, above: Path) -> Iterator[tuple[Path, Any]]:
    kinds = types.input_type_types(arguments)
    for python, engine in types.input_type_py_to_pulumi_names(arguments).items():
        # Policies as objects have AWS's own names: they are documents. A few objects nest within themselves.
        if engine[0].isupper() or (python, engine) in above:
            continue
        path = (*above, (python, engine))
        yield path, kinds[engine]
        for inner in classes(kinds[engine]):
            if types.is_input_type(inner):
                yield from inputs(inner, types, path)


def classes(kind: Any) -> Iterator[type]:
    if isinstance(kind, type) and not typing.get_args(kind):
        yield kind
    for inner in typing.get_args(kind):
        yield from classes(inner)


def test_names_are_those_of_the_installed_pulumi_aws(aws_inputs: list[tuple[str, Path, Any]]) -> None:
    names = {path[-1] for _, path, _ in aws_inputs}
    assert ("kms_key_arn", "kmsKeyArn") in names
    assert {pair for pair in names if snake_case(pair[1]) != pair[0]} == set()
    assert {pair for pair in names if camel_case(pair[0]) != pair[1]} == set()


def test_keys_of_the_author_s_stay_as_they_are(aws_inputs: list[tuple[str, Path, Any]]) -> None:
    changed = []
    maps = [(type_name, path) for type_name, path, kind in aws_inputs if is_mapping(kind)]
    for type_name, path in maps:
        raw: Any = {"costCenter": "a"}
        for _, engine in reversed(path):
            raw = {engine: raw}
        read: Any = read_properties(type_name, raw)
        for python, _ in path:
            read = read[python]
        if read != {"costCenter": "a"}:
            changed.append((type_name, ".".join(python for python, _ in path)))
    assert ("aws.ebs.Volume", (("tags", "tags"),)) in maps
    assert changed == []


def test_what_targets_write_as_documents_is_read_as_documents() -> None:
    for resource in sample().resources:
        for name, value in resource.props.items():
            if isinstance(value, JsonDocument):
                assert name in documents_of(resource.type), (resource.type, name)


def test_what_the_vocabulary_names_as_documents_is_not_named_again() -> None:
    for type_name, names in MORE_DOCUMENTS.items():
        assert names <= properties_of(type_name).keys(), type_name
        assert not names & VOCABULARY[type_name].documents, type_name


def test_a_policy_given_as_an_object_keeps_the_author_s_words() -> None:
    for type_name, name in (("aws.sns.TopicPolicy", "policy"), ("aws.iam.UserPolicy", "policy")):
        given = {name: {"Statement": [{"Condition": {"StringEquals": {"aws:sourceVpc": "vpc-1"}}}]}}
        read = read_properties(type_name, given)[name]
        assert read == JsonDocument({"Statement": ({"Condition": {"StringEquals": {"aws:sourceVpc": "vpc-1"}}},)})
