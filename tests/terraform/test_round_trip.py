"""The graph read back from what the real provider plans is the graph that was emitted: properties, edges, outputs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from mlstage.graph import VOCABULARY, Graph, Resource, refs
from mlstage.readers.terraform_plan import read_plan_document
from tests.parity.hostile import KNOWN, WRITTEN, hostile, lost_texts, written
from tests.parity.hostile import NAME as HOSTILE
from tests.parity.read_back import Allowances, Lost, beyond, compared, mutations, plain, unlike
from tests.terraform.conftest import Planned
from tests.terraform.stacks import name_of, stacks

GRAPHS = {**{name_of(one): one.graph for one in stacks()}, HOSTILE: hostile(), WRITTEN: written()}
ALLOWED: Allowances = {
    ("aws.batch.JobDefinition", "retry_strategy.evaluate_on_exits[].action"): (
        "the provider writes it in small letters, and AWS takes both"
    ),
}


def emitted(graph: Graph) -> dict[str, Resource]:
    """Give what Terraform has of a graph; objects of a cluster are manifests."""
    # That nothing may destroy a resource is no part of a plan; `tests/parity` compares it in the module.
    return {one.name: one for one in graph.resources if VOCABULARY[one.type].terraform}


def read(name: str, planned: Planned) -> Graph:
    tier = GRAPHS[name].tier
    return read_plan_document(planned.plans[name], tier=tier, module=planned.folder / name).graph


def lost(name: str, planned: Planned) -> list[Lost]:
    return list(compared(emitted(GRAPHS[name]), dict(read(name, planned).by_name)))


@pytest.mark.parametrize("name", GRAPHS)
def test_the_plan_reads_back_as_the_graph_that_was_emitted(name: str, planned: Planned) -> None:
    graph, found = GRAPHS[name], read(name, planned)
    assert beyond(lost(name, planned), ALLOWED) == []
    assert (found.environment, found.stack, found.region) == (graph.environment, graph.stack, graph.region)
    assert list(unlike(plain(_exports(graph)), plain(found.exports))) == []


def _exports(graph: Graph) -> dict[str, Any]:
    """Give the exports of what is in the module; an output's name takes no slash."""
    inside = emitted(graph).keys()
    return {
        key.replace("/", "_"): value
        for key, value in graph.exports.items()
        if all(ref.resource in inside for ref in refs(value))
    }


def test_every_allowance_is_needed(planned: Planned) -> None:
    needed = {one.key for name in GRAPHS for one in lost(name, planned)}
    assert sorted(ALLOWED.keys() - needed) == []


def test_whatever_a_graph_had_otherwise_would_be_reported_by_name(planned: Planned) -> None:
    name = "fraud-detection_prod"
    found = dict(read(name, planned).by_name)
    silent = [
        resource
        for resource, changed in mutations(GRAPHS[name].with_resources(emitted(GRAPHS[name]).values()))
        if not any(one.resource == resource for one in compared(emitted(changed), found))
    ]
    assert silent == []


def test_whatever_a_text_holds_comes_out_of_the_plan(planned: Planned) -> None:
    values = {
        one["name"]: one["values"]
        for one in planned.plans[HOSTILE]["planned_values"]["root_module"]["resources"]
        if one["mode"] == "managed"
    }
    function = values["hostile-function"]
    (container,) = json.loads(values["hostile-task"]["container_definitions"])
    places: dict[str, Mapping[str, Any]] = {
        "environment": function["environment"][0]["variables"],
        "tags": {key.replace("text-", "TEXT_"): value for key, value in function["tags_all"].items()},
        "command": {f"TEXT_{number}": text for number, text in enumerate(container["command"])},
        "containers' environment": {one["name"]: one["value"] for one in container["environment"]},
    }
    assert lost_texts(places) == []
    assert values["hostile-key"]["description"] == " ".join(KNOWN)
    assert {'jsonencode("x")': '"{{ tag }}"', "${tag}": "%{tag}"}.items() <= values["hostile-topic"]["tags_all"].items()
