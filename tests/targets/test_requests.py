"""Asynchronous endpoints whose requests lie in S3: their containers may read them, and know where they lie."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from mlstage import AsyncEndpoint, Ecs, Lambda
from mlstage.graph import Graph, Value
from tests.targets.support import MODEL, graph, inside, only, statements

REQUESTS = "s3://acme-data/requests/"
ON = [Ecs(cpu=1, memory="4GB"), Lambda(memory="4GB", storage="2GB")]


def _reader(on: Ecs | Lambda, requests: str | None) -> Graph:
    return graph(AsyncEndpoint(name="reader", model=MODEL, on=on, output="s3://acme-data/out/", input=requests))


def _told(found: Graph) -> Mapping[str, Value]:
    """Give the environment of the container, of a task or of a function."""
    if not found.of("aws.ecs.TaskDefinition"):
        told = inside(only(found, "aws.lambda_.Function").props["environment"], "variables")
        assert isinstance(told, Mapping)
        return told
    listed = inside(only(found, "aws.ecs.TaskDefinition").props["container_definitions"], 0, "environment")
    assert isinstance(listed, tuple)
    return {str(inside(one, "name")): inside(one, "value") for one in listed}


@pytest.mark.parametrize("on", ON, ids=lambda on: type(on).__name__)
def test_they_may_be_read_where_they_lie_and_nowhere_else(on: Ecs | Lambda) -> None:
    found = _reader(on, REQUESTS)
    roles = [one.name for one in found.of("aws.iam.RolePolicy")]
    may = {sid: one for name in roles for sid, one in statements(found, name).items()}
    assert may["RequestsRead"]["Resource"] == ("arn:aws:s3:::acme-data/requests/*",)
    assert _told(found)["MLSTAGE_INPUT"] == REQUESTS


@pytest.mark.parametrize("on", ON, ids=lambda on: type(on).__name__)
def test_without_a_place_nothing_more_may_be_read(on: Ecs | Lambda) -> None:
    found = _reader(on, None)
    roles = [one.name for one in found.of("aws.iam.RolePolicy")]
    assert not [sid for name in roles for sid in statements(found, name) if sid.startswith("Requests")]
    assert "MLSTAGE_INPUT" not in _told(found)
