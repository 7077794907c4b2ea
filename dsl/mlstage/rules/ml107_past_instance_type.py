"""ML107: instance types without a future."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator

from mlstage.graph import Graph, Resource
from mlstage.rules import examples
from mlstage.rules.levels import Level, Levels
from mlstage.rules.rule import About, resource_rule
from mlstage.rules.truth import Answer, Field, when
from mlstage.rules.views.compute import MACHINES, machines
from mlstage.rules.views.machines import is_past, known_machine, of_family


@resource_rule(
    id="ML107",
    name="past-instance-type",
    title="Instance type that is retired or ageing",
    types=MACHINES,
    levels=Levels(test=Level.ADVISORY, production=Level.MANDATORY, other=Level.ADVISORY),
    fix="the successor that the finding names",
    sources=(
        "https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-types.html#previous-gen-instances",
        "https://awsdocs-neuron.readthedocs-hosted.com/en/latest/about-neuron/announcements/index.html",
    ),
)
def past_instance_type(resource: Resource, about: About) -> Iterator[Answer]:
    """What still runs on a retired type cannot be started again; on an ageing one it gets neither capacity nor updates.

    A replacement after a failure, or the first scale-out after months, is when it shows. mlstage's catalogue says of
    each such type since when, why, and what takes its place.
    """
    for machine in machines(resource):
        kind = machine.instance_type
        state, reason, instead = _words(kind)
        yield from when(
            is_past(kind),
            kind,
            f"{about.call_part(resource, machine.part)} runs on {kind.shown}, which is {state} ({reason})",
            instead=instead,
        )


def _words(kind: Field) -> tuple[str, str, str]:
    machine = known_machine(kind)
    if machine is None:
        return _words_of_family(kind)
    if machine.lifecycle is None:
        return "", "", ""
    life = machine.lifecycle
    return life.state, life.reason, " or ".join(f'"{successor}"' for successor in life.successors)


def _words_of_family(kind: Field) -> tuple[str, str, str]:
    lives = [machine.lifecycle for machine in of_family(kind) if machine.lifecycle]
    if not lives:
        return "", "", ""
    families = dict.fromkeys(name.partition(".")[0] for life in lives for name in life.successors)
    return lives[0].state, lives[0].reason, " or ".join(f'"{family}"' for family in families)


@past_instance_type.bad("training", "pipeline_definition.Steps[0].Arguments.ResourceConfig.InstanceType")
def training_on_a_retired_gpu() -> Graph:
    """A training job on a GPU that EC2 no longer offers."""
    return examples.in_production_stack(examples.training("ml.p3.2xlarge"))


@past_instance_type.bad("scorer-config", "production_variants[0].instance_type")
def endpoint_on_an_ageing_type() -> Graph:
    """An endpoint on machines from 2015."""
    return examples.in_production_stack(
        examples.configuration("ml.m4.xlarge"), examples.endpoint(), *examples.scaling(), groups=examples.realtime()
    )


@past_instance_type.bad("explore", "instance_type")
def notebook_on_an_ageing_type() -> Graph:
    """A notebook on machines from 2015."""
    return examples.in_production_stack(examples.notebook("ml.c4.xlarge"))


@past_instance_type.good(
    spec="""
RealtimeEndpoint(
    name="scorer",
    model=model,
    on=SageMaker(instance="ml.m7i.xlarge"),
    replicas=Autoscale(min=2, max=8, target=InvocationsPerInstance(600)),
    capture=DataCapture(to="s3://acme-ml-data/fraud/captured/", percent=20),
)
""",
)
def endpoint_on_a_current_type() -> Graph:
    """An endpoint on a type of today."""
    return examples.in_production_stack(
        examples.configuration("ml.m7i.xlarge"), examples.endpoint(), *examples.scaling(), groups=examples.realtime()
    )


@past_instance_type.good()
def training_on_a_current_gpu() -> Graph:
    """A training job on a GPU of today."""
    return examples.in_production_stack(examples.training("ml.g6.xlarge"))
