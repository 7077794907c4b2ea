"""From a graph to a diagram: painters are asked for every resource, and their pieces put together."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from mlstage.graph import VOCABULARY, Graph, Group, Resource
from mlstage.insight.diagram import batch, containers, events, functions, kubernetes, network, sagemaker, stores
from mlstage.insight.diagram.model import Cluster, Diagram, Edge, Node
from mlstage.insight.diagram.paint import Context, Painters
from mlstage.insight.diagram.words import counted, noun, plural

PAINTERS: Final[Painters] = ChainMap(
    *(dict(one.PAINTERS) for one in (sagemaker, containers, batch, kubernetes, functions, events, network, stores))
)
SHARED: Final = "Shared"


def diagram_of(graph: Graph, *, detail: bool = False) -> Diagram:
    """Say how a stack is drawn. With `detail`, every resource has a node of its own, and every link an edge."""
    nodes, edges = _painted(graph)
    owners = _owners(nodes.values())
    if detail:
        # What a node stood for has a node of its own now; only what names the same thing twice stays together.
        owners = {name: owner for name, owner in owners.items() if name not in graph.by_name}
        nodes = {**{one.name: _plain(one, graph) for one in resources(graph)}, **nodes}
        edges += _references(graph)
    nodes = {name: node for name, node in nodes.items() if name not in owners}
    led = _edges(edges, nodes, owners)
    shown = {**owners, **{name: name for name in nodes}}
    hidden = [one for one in resources(graph) if one.name not in shown]
    clusters, badges = _clusters(graph, nodes, hidden)
    title = f"{graph.environment}: {graph.stack}" if graph.environment else graph.stack or "Infrastructure"
    return Diagram(title, _subtitle(graph), tuple(nodes.values()), led, clusters, badges, shown)


def _painted(graph: Graph) -> tuple[dict[str, Node], list[Edge]]:
    context = Context(graph)
    nodes: dict[str, Node] = {}
    edges: list[Edge] = []
    for resource in graph.resources:
        painter = PAINTERS.get(resource.type)
        for piece in painter(resource, context) if painter else ():
            if isinstance(piece, Edge):
                edges.append(piece)
            else:
                nodes.setdefault(piece.id, piece)
    return nodes, edges


def _owners(nodes: Iterable[Node]) -> dict[str, str]:
    """Give the node that stands for each name: of two the first, and of a chain the last."""
    owners: dict[str, str] = {}

    def last(name: str) -> str:
        while name in owners:
            name = owners[name]
        return name

    for node in nodes:
        for name in node.stands_for:
            # Two that stand for each other would both vanish: the first one stays.
            if name not in owners and last(node.id) != name:
                owners[name] = node.id
    return {name: last(name) for name in owners}


def _edges(edges: Iterable[Edge], nodes: dict[str, Node], owners: dict[str, str]) -> tuple[Edge, ...]:
    """Lead edges to the nodes that stand for their ends, and keep one of those that say the same."""
    found: dict[tuple[str, str, str, str], list[Edge]] = {}
    linked: set[tuple[str, str]] = set()
    for edge in edges:
        source, target = (owners.get(name, name) for name in (edge.source, edge.target))
        if source == target or source not in nodes or target not in nodes:
            continue
        if edge.flow == "reference" and ({(source, target), (target, source)} & linked):
            continue
        linked.add((source, target))
        found.setdefault((source, target, edge.flow, edge.label), []).append(
            replace(edge, source=source, target=target)
        )
    return tuple(_as_one(same) for same in found.values())


def _as_one(same: list[Edge]) -> Edge:
    notes = dict.fromkeys(edge.note for edge in same if edge.note)
    return replace(same[0], note="; ".join(notes))


def _references(graph: Graph) -> Iterator[Edge]:
    for resource in graph.resources:
        for needed in graph.needs[resource.name]:
            yield Edge(resource.name, needed, "reference")


def _plain(resource: Resource, graph: Graph) -> Node:
    word = noun(resource.type)
    label = word[0].upper() + word[1:]
    name = resource.name.removeprefix(f"{graph.environment}-") if graph.environment else resource.name
    name = name.removeprefix(f"{resource.workload}-") if resource.workload else name
    return Node(resource.name, "other", label, name, workload=resource.workload)


def resources(graph: Graph) -> tuple[Resource, ...]:
    """Give the resources of a graph: what is only looked up is none."""
    return tuple(one for one in graph.resources if not _is_lookup(one))


def _is_lookup(resource: Resource) -> bool:
    info = VOCABULARY.get(resource.type)
    return info is not None and info.data


def _clusters(
    graph: Graph, nodes: dict[str, Node], hidden: list[Resource]
) -> tuple[tuple[Cluster, ...], tuple[str, ...]]:
    """Make a cluster for each workload that has a node, and for what workloads share."""
    used = {node.workload for node in nodes.values() if node.id in graph.by_name}
    groups = [group for group in graph.groups if group.name in used]
    clusters = [Cluster(group.name, group.name, _kind(group), _count(hidden, group.name)) for group in groups]
    shared = counted(one for one in hidden if one.workload not in {group.name for group in groups})
    if clusters and "" in used:
        clusters.append(Cluster("", SHARED, "", shared))
        shared = ()
    return tuple(clusters), shared


def _count(hidden: Iterable[Resource], workload: str) -> tuple[str, ...]:
    return counted(one for one in hidden if one.workload == workload)


def _kind(group: Group) -> str:
    if group.kind == "workload":
        return ""
    return f"{group.kind} on {group.target}" if group.target else group.kind


def _subtitle(graph: Graph) -> str:
    count = plural("resource", len(resources(graph)))
    return ", ".join(part for part in (graph.region, graph.tier, count) if part)
