"""Every place where a resource names the machine it runs on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlstage.graph import Resource
from mlstage.rules.truth import Field, field
from mlstage.rules.views.endpoints import CONFIGURATION, Configuration
from mlstage.rules.views.groups import GROUP, TEMPLATE, overrides
from mlstage.rules.views.jobs import STARTERS, jobs
from mlstage.rules.views.nodes import NODES, Nodes

BATCH = "aws.batch.ComputeEnvironment"
MACHINES = (
    CONFIGURATION,
    *STARTERS,
    BATCH,
    "aws.ec2.Instance",
    GROUP,
    TEMPLATE,
    *NODES,
    "aws.sagemaker.NotebookInstance",
)


@dataclass(frozen=True, slots=True)
class Machine:
    """A field that names an instance type; `part` says which part of the resource runs on it, where it has parts."""

    instance_type: Field
    part: str = ""


def machines(resource: Resource) -> Iterator[Machine]:
    """Yield the machines of a resource of one of the `MACHINES` types."""
    if resource.type == CONFIGURATION:
        configuration = Configuration(resource)
        for variant in (*configuration.variants(), *configuration.shadows()):
            yield Machine(variant.instance_type)
    elif resource.type in STARTERS:
        for job in jobs(resource):
            for instance_type in job.instance_types:
                yield Machine(instance_type, job.words)
    elif resource.type in NODES:
        nodes = Nodes(resource)
        for instance_type in (*nodes.instance_types(), *nodes.families()):
            yield Machine(instance_type)
    elif resource.type == GROUP:
        for instance_type in overrides(resource):
            yield Machine(instance_type)
    elif resource.type == BATCH:
        for instance_type in field(resource, "compute_resources")["instance_types"].items():
            yield Machine(instance_type)
    else:
        yield Machine(field(resource, "instance_type"))
