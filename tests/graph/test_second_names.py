"""Types that a provider has under two names are one type to rules."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import Any

import pytest

from mlstage.graph import VOCABULARY, by_terraform, by_token
from mlstage.graph.vocabulary.second_names import SECOND_TERRAFORM, SECOND_TOKENS
from mlstage.readers.pulumi_stack import EngineResource, read_resource


def parameters(module: str, name: str) -> set[str]:
    made: Any = getattr(import_module(f"pulumi_aws.{module}"), name)
    return set(inspect.signature(made._internal_init).parameters)


# What is deprecated on a bucket.
IN_LISTS = {
    "logging",
    "replication_configuration",
    "server_side_encryption_configuration",
    "tags_all",
    "versioning",
    "website",
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("token", SECOND_TOKENS)
def test_both_names_stand_for_the_same_properties_in_pulumi(token: str) -> None:
    package, _, kind = token.removeprefix("aws:").partition("/")
    _, module, first = SECOND_TOKENS[token].split(".")
    here, there = parameters(package, kind.rpartition(":")[2]), parameters(module, first)
    # What is deprecated on a bucket is a list in the one and an object in the other; its tags of old are in one alone.
    assert {one.removesuffix("s") for one in here ^ there} <= IN_LISTS


@pytest.mark.parametrize("name", SECOND_TERRAFORM)
def test_both_names_of_terraform_lead_to_the_type(name: str) -> None:
    found = by_terraform(name)
    assert found is VOCABULARY[SECOND_TERRAFORM[name]]
    assert by_terraform(name, data=True) is None


def test_a_resource_of_a_second_name_is_read_as_the_first() -> None:
    token = "aws:alb/loadBalancer:LoadBalancer"
    assert by_token(token) is VOCABULARY["aws.lb.LoadBalancer"]
    one = EngineResource(f"urn:pulumi:prod::p::{token}::entry", token, "entry", {"internal": True})
    assert [found.type for found in read_resource(one).resources] == ["aws.lb.LoadBalancer"]
