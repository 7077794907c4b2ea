"""The vocabulary against both providers as they are installed: each type, property, block and nesting that is wrong."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest

from mlstage.graph import VOCABULARY, TypeInfo
from mlstage.graph.properties import properties_of, table_text
from mlstage.offline.provider.schema import resource_type
from mlstage.offline.terraform import Terraform
from mlstage.offline.vocabulary import Providers, differences, installed, table
from tests.terraform.stacks import module_of, name_of, stacks

# Importing all of pulumi_aws warns of what AWS has renamed.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

RESOURCES = [info for info in VOCABULARY.values() if info.terraform and not info.data]


@pytest.fixture(scope="session")
def providers(terraform: Terraform) -> Providers:  # noqa: ARG001 - or skip
    return installed()


@pytest.fixture(scope="session")
def fresh(providers: Providers) -> str:
    return table(providers)


def test_the_table_is_what_the_installed_providers_say(fresh: str) -> None:
    assert list(differences(table_text(), fresh)) == []


def test_what_an_upgrade_changes_is_named(providers: Providers, fresh: str) -> None:
    """As `python -m mlstage.offline.vocabulary` shows it to a maintainer."""
    schemas = copy.deepcopy(dict(providers.terraform))
    model = schemas["resource_schemas"]["aws_sagemaker_model"]["block"]
    del model["attributes"]["enable_network_isolation"]
    model["attributes"]["execution_role_arn"]["required"] = False
    model["attributes"]["execution_role_arn"]["optional"] = True
    schemas["resource_schemas"]["aws_sns_topic"]["block"]["attributes"]["name"]["type"] = ["list", "string"]
    assert list(differences(fresh, table(replace(providers, terraform=schemas)))) == [
        "gone: aws.sagemaker.Model enable_network_isolation",
        "changed: aws.sagemaker.Model execution_role_arn: required text -> optional text",
        "changed: aws.sns.Topic name: optional text -> optional single",
    ]


@pytest.mark.parametrize("info", RESOURCES, ids=lambda info: info.name)
def test_pulumi_knows_the_type_by_its_path_and_its_token(info: TypeInfo) -> None:
    module, _, name = info.name.rpartition(".")
    found = getattr(import_module(f"pulumi_{module}"), name)
    assert found.pulumi_type == info.token


@pytest.mark.parametrize("info", RESOURCES, ids=lambda info: info.name)
def test_what_the_vocabulary_says_of_a_type_is_about_properties_that_it_has(info: TypeInfo) -> None:
    known, ours = properties_of(info.name), resource_type(info.token)
    assert ours is not None
    named = {*filter(None, [info.physical_name]), *(path.split(".")[0] for path in info.documents)}
    assert sorted(name for name in named if name not in known or not known[name].settable) == []
    # Of these the newer provider, on which Pulumi's is built, may have more.
    assert sorted(name for name in info.replaces if _camel(name) not in ours.inputs) == []
    assert info.taggable == ("tags_all" in known)


def test_terraform_has_every_property_block_and_nesting_that_is_written(providers: Providers) -> None:
    schemas = providers.terraform
    wrong: list[str] = []
    for one in stacks():
        document = json.loads(module_of(one.graph))
        for family, key in (("resource", "resource_schemas"), ("data", "data_source_schemas")):
            for type_, bodies in document.get(family, {}).items():
                if type_ == "terraform_data":
                    continue
                for name, body in bodies.items():
                    written = {k: v for k, v in body.items() if k not in {"//", "lifecycle", "depends_on"}}
                    block = schemas[key][type_]["block"]
                    wrong += (f"{name_of(one)}: {type_}.{name}: {what}" for what in _unfit(written, block, ""))
    assert wrong == []


def _unfit(body: Mapping[str, Any], block: Mapping[str, Any], above: str) -> Iterator[str]:
    attributes, blocks = block.get("attributes", {}), block.get("block_types", {})
    for name, value in body.items():
        path = f"{above}{name}"
        if name in blocks:
            items = value if isinstance(value, list) else [value]
            most = 1 if blocks[name]["nesting_mode"] == "single" else blocks[name].get("max_items", 0)
            if most and len(items) > most:
                yield f"{path} has {len(items)} blocks, and {most} is the most"
            for item in items:
                yield from _unfit(item, blocks[name]["block"], f"{path}.")
        elif name not in attributes:
            yield f"{path} is no property"
        elif not (attributes[name].get("optional") or attributes[name].get("required")):
            yield f"{path} can only be read"
        elif isinstance(value, list) != _listed(attributes[name]) and not isinstance(value, str):
            yield f"{path} is {'a list' if isinstance(value, list) else 'no list'}"
    missing = [name for name, one in attributes.items() if one.get("required") and name not in body]
    missing += [name for name, one in blocks.items() if one.get("min_items") and name not in body]
    yield from (f"{above}{name} is missing" for name in missing)


def _listed(attribute: Mapping[str, Any]) -> bool:
    if nested := attribute.get("nested_type"):
        return nested["nesting_mode"] in ("list", "set")
    return isinstance(attribute["type"], list) and attribute["type"][0] in ("list", "set")


def test_pulumi_has_every_property_that_is_written() -> None:
    wrong: list[str] = []
    for one in stacks():
        for resource in one.graph.resources:
            info = VOCABULARY[resource.type]
            if info.data or not info.terraform:
                continue
            known = resource_type(info.token)
            assert known is not None, info.token
            names = {name for name, value in resource.props.items() if value is not None}
            missing = {name for name, field in known.inputs.items() if field.required} - {
                _camel(name) for name in names
            }
            unknown = {name for name in names if _camel(name) not in known.inputs}
            wrong += (f"{name_of(one)}: {resource.name}: {name} is no input" for name in sorted(unknown))
            wrong += (f"{name_of(one)}: {resource.name}: {name} is missing" for name in sorted(missing))
    assert wrong == []


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)
