"""ML110: machines built for training, behind a real-time endpoint."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from mlstage.catalog.instances import instance, instance_names
from mlstage.graph import Graph, Value
from mlstage.rules import examples
from mlstage.rules.levels import Level, Levels
from mlstage.rules.rule import About, stack_rule
from mlstage.rules.truth import Answer, truth, when
from mlstage.rules.views.endpoints import endpoints
from mlstage.rules.views.machines import accelerator_words, is_of_family
from mlstage.rules.views.models import models


@dataclass(frozen=True, slots=True)
class TrainingTypeBehindEndpoint:
    """The families that are built for training."""

    families: tuple[str, ...] = (
        "dl1", "p3dn", "p4d", "p4de", "p5", "p5e", "p5en", "p6-b200", "p6-b300", "p6e-gb200", "trn1", "trn1n", "trn2",
    )  # fmt: skip


@stack_rule(
    id="ML110",
    name="training-type-behind-endpoint",
    title="Instance type built for training behind a real-time endpoint",
    levels=Levels(test=Level.DISABLED, production=Level.ADVISORY, other=Level.ADVISORY),
    fix="a type made to serve, such as ml.g6e.xlarge or ml.inf2.xlarge, and more of them where one is too slow",
    sources=(
        "https://docs.aws.amazon.com/ec2/latest/instancetypes/ac.html",
        "https://aws.amazon.com/ec2/instance-types/inf2/",
    ),
    options=TrainingTypeBehindEndpoint,
)
def training_type_behind_endpoint(graph: Graph, about: About) -> Iterator[Answer]:
    """These machines have eight or more accelerators wired together to train one model; a request uses one of them.

    They are sold whole, so that an endpoint grows in the largest steps there are, and they are what runs out first.
    A model that the accelerators of no other type can hold needs them: where the model's size is known (from the spec,
    a tag `mlstage:model-mb`, or the name of a model of the hub) and that large, nothing is said. The option `families`
    lists what is meant.
    """
    families = about.options(TrainingTypeBehindEndpoint).families
    for endpoint in endpoints(graph):
        for served in endpoint.served:
            kind = served.variant.instance_type
            size = models(graph, served.variant).size(graph.group_by_name.get(endpoint.resource.workload))
            needed = size is not None and size.mb > _most_memory_mb(families)
            yield from when(
                endpoint.is_realtime & is_of_family(kind, families) & truth(not needed),
                kind,
                f"{about.call(endpoint.resource)} answers requests on {kind.shown} ({accelerator_words(kind)})",
            )


@cache
def _most_memory_mb(families: tuple[str, ...]) -> float:
    """Give the memory of all accelerators of the largest machine that hosts and is not of these families."""
    machines = [instance(name) for name in instance_names("hosting")]
    memories = [
        machine.accelerator.memory_mib * 1.048576
        for machine in machines
        if machine and machine.accelerator and machine.family not in families
    ]
    return max(memories, default=0)


@training_type_behind_endpoint.bad(
    "scorer-config",
    "production_variants[0].instance_type",
    spec="""
RealtimeEndpoint(
    name="assistant",
    model=Model(image="123456789012.dkr.ecr.us-east-1.amazonaws.com/assistant:3.1"),
    on=SageMaker(instance="ml.p4d.24xlarge"),
    replicas=Autoscale(min=2, max=4, target=InvocationsPerInstance(60)),
    capture=DataCapture(to="s3://acme-ml-data/fraud/captured/", percent=20),
)
""",
)
def endpoint_on_eight_a100() -> Graph:
    """An endpoint on eight A100."""
    return examples.in_production_stack(
        examples.model("assistant:3.1"),
        examples.configuration("ml.p4d.24xlarge", encrypted=False),
        examples.endpoint(),
        *examples.scaling(),
        groups=examples.realtime(),
    )


@training_type_behind_endpoint.good()
def endpoint_on_one_l40s() -> Graph:
    """An endpoint on a machine made to serve."""
    return examples.in_production_stack(
        examples.model("assistant:3.1"),
        examples.configuration("ml.g6e.xlarge", encrypted=False),
        examples.endpoint(),
        *examples.scaling(),
        groups=examples.realtime(),
    )


@training_type_behind_endpoint.good()
def model_that_fits_nowhere_else() -> Graph:
    """An endpoint of a model of 1,000 GB, which its tag says."""
    tags: dict[str, Value] = {"mlstage:model-mb": "1000000"}
    return examples.in_production_stack(
        examples.model("assistant:3.1", tags=tags),
        examples.configuration("ml.p5en.48xlarge", encrypted=False),
        examples.endpoint(),
        *examples.scaling(),
        groups=examples.realtime(),
    )


@training_type_behind_endpoint.good()
def training_on_eight_a100() -> Graph:
    """A training job on eight A100."""
    return examples.in_production_stack(examples.training("ml.p4d.24xlarge"))
