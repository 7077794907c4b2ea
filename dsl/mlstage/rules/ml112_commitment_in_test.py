"""ML112: capacity that is paid whether it is used or not, in a test stack."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator

from mlstage.graph import Graph, Resource, Value
from mlstage.rules import examples
from mlstage.rules.rule import About, in_test, resource_rule
from mlstage.rules.truth import Answer, Finding, when
from mlstage.rules.views.commitments import COMMITTED, commitments
from mlstage.rules.views.compute import MACHINES, machines


@resource_rule(
    id="ML112",
    name="commitment-in-test",
    title="Reserved or provisioned capacity in a test stack",
    types=COMMITTED,
    levels=in_test(),
    fix="in test what is paid by use: per_stage(prod=…) for `provisioned`, purchase=OnDemand(), no reservation",
    elsewhere="in test what is paid by use: no reservation, and no provisioned concurrency",
    sources=(
        "https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html",
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-capacity-reservations.html",
        "https://docs.aws.amazon.com/savingsplans/latest/userguide/what-is-savings-plans.html",
    ),
)
def commitment_in_test(resource: Resource, about: About) -> Iterator[Answer]:
    """What is reserved is paid day and night; a test stack works a few hours a week, and is gone next month.

    Meant are provisioned concurrency of functions and of serverless variants, capacity reservations and what asks for
    them, training plans, and a workload priced with a Savings Plan: a commitment for years belongs to the load that
    stays for years.
    """
    for commitment in commitments(resource):
        yield from when(
            commitment.is_made, commitment.at, f"{about.call(resource)} {commitment.verb} {commitment.words}"
        )


@commitment_in_test.over_stack
def _with_savings_plan(graph: Graph, about: About) -> Iterator[Answer]:
    planned = {name: group for name, group in graph.group_by_name.items() if "savings_plan" in group.facts}
    if not planned:
        return
    for resource in graph.of(*MACHINES):
        if resource.workload in planned:
            for machine in machines(resource):
                term = planned[resource.workload].facts["savings_plan"]
                yield Finding(
                    resource.name,
                    machine.instance_type.path,
                    f"{about.call(resource)} is bought with a Savings Plan ({term})",
                    instead="purchase=per_stage(test=OnDemand(), prod=SavingsPlan(…))",
                )


@commitment_in_test.bad("warm", "provisioned_concurrent_executions")
def provisioned_function() -> Graph:
    """A function with five places kept warm, in test."""
    return examples.in_test_stack(
        Resource(
            "warm",
            "aws.lambda_.ProvisionedConcurrencyConfig",
            {"function_name": "scorer", "qualifier": "live", "provisioned_concurrent_executions": 5},
        )
    )


@commitment_in_test.bad(
    "scorer-config",
    "production_variants[0].serverless_config.provisioned_concurrency",
    spec="""
RealtimeEndpoint(
    name="scorer",
    model=model,
    on=SageMakerServerless(memory="2GB", concurrency=10, provisioned=2),
)
""",
)
def provisioned_serverless_endpoint() -> Graph:
    """A serverless endpoint with two places kept warm, in test."""
    return examples.in_test_stack(examples.serverless(provisioned=2), examples.endpoint(), groups=examples.realtime())


@commitment_in_test.bad("gpus", "instance_count")
def capacity_reservation() -> Graph:
    """Two machines reserved, in test."""
    props: dict[str, Value] = {
        "instance_type": "m7i.xlarge",
        "instance_platform": "Linux/UNIX",
        "availability_zone": "us-east-1a",
        "instance_count": 2,
    }
    return examples.in_test_stack(Resource("gpus", "aws.ec2.CapacityReservation", props))


@commitment_in_test.good(
    spec="""
RealtimeEndpoint(
    name="scorer",
    model=model,
    on=SageMakerServerless(memory="2GB", concurrency=10, provisioned=per_stage(prod=2, default=None)),
)
""",
)
def serverless_endpoint() -> Graph:
    """A serverless endpoint that is paid by use, in test."""
    return examples.in_test_stack(examples.serverless(), examples.endpoint(), groups=examples.realtime())


@commitment_in_test.good()
def provisioned_in_production() -> Graph:
    """A serverless endpoint whose warm places follow the load, in production."""
    return examples.in_production_stack(
        examples.serverless(provisioned=2),
        examples.endpoint(),
        *examples.scaling(dimension="sagemaker:variant:DesiredProvisionedConcurrency"),
        groups=examples.realtime(),
    )
