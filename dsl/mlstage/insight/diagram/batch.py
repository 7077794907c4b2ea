"""AWS Batch: a queue with the machines behind it as one node, the jobs that it runs, and what starts them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.graph import Resource
from mlstage.insight.diagram import stores
from mlstage.insight.diagram.model import Edge, Node
from mlstage.insight.diagram.paint import SPOT, Context, Painters, Piece, accelerator, marks, number
from mlstage.insight.diagram.words import duration, image_name, short_name
from mlstage.rules.truth import Field, field
from mlstage.rules.views.documents import document

_QUEUE: Final = "aws.batch.JobQueue"
_JOB: Final = "aws.batch.JobDefinition"
_MACHINES: Final = "aws.batch.ComputeEnvironment"


def queue(resource: Resource, context: Context) -> Iterator[Piece]:
    """Show a job queue with its compute environments, and the jobs of its workload that wait in it."""
    lines: list[str] = []
    types: list[str] = []
    names: list[str] = []
    spot = None
    for order in field(resource, "compute_environment_orders").items():
        found = context.first(order["compute_environment"], _MACHINES)
        if found is None:
            continue
        names.append(found.name)
        machines = field(found, "compute_resources")
        kinds = [kind for one in machines["instance_types"].items() if (kind := one.text)]
        types += kinds
        bought = machines["type"].text or ""
        spot = SPOT if "SPOT" in bought else spot
        most = number(machines["max_vcpus"])
        said = " or ".join(kinds) or bought.replace("_", " ").capitalize()
        lines.append(f"{said}, at most {most:g} vCPU" if most is not None else said)
    found_marks = marks(spot, *(accelerator(name) for name in types))
    title = short_name(resource, context.graph)
    shown = tuple(dict.fromkeys(lines))
    yield Node(resource.name, "machine", "Batch job queue", title, shown, found_marks, resource.workload, tuple(names))
    for job in context.graph.of(_JOB):
        if resource.workload and job.workload == resource.workload:
            yield Edge(resource.name, job.name, "control", "runs")


def job(resource: Resource, context: Context) -> Iterator[Piece]:
    """Show a job definition by its image and limits, and what its role may read and write."""
    properties = document(field(resource, "container_properties"))
    lines: list[str] = []
    if properties.value is None:
        nodes = document(field(resource, "node_properties"))
        count = number(nodes["numNodes"])
        lines += [f"on {count:g} nodes at once"] if count else []
        properties = next((one["container"] for one in nodes["nodeRangeProperties"].items()), properties)
    if image := properties["image"].text:
        lines.insert(0, image_name(image))
    limit = number(field(resource, "timeout")["attempt_duration_seconds"])
    lines += [f"stopped after {duration(limit)}"] if limit else []
    title = short_name(resource, context.graph)
    yield Node(resource.name, "works", "Batch job", title, tuple(lines), (), resource.workload)
    role: Field = properties["jobRoleArn"]
    yield from stores.by_policies(resource.name, role, context)


PAINTERS: Painters = {_QUEUE: queue, _JOB: job}
