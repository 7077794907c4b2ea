"""What is paid for whether it is used or not: provisioned concurrency, reservations, training plans."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mlstage.graph import Resource
from mlstage.rules.truth import Field, Truth, field
from mlstage.rules.views.endpoints import CONFIGURATION, Configuration
from mlstage.rules.views.functions import PROVISIONED
from mlstage.rules.views.groups import GROUP, TEMPLATE
from mlstage.rules.views.jobs import STARTERS, jobs

RESERVATION: Final = "aws.ec2.CapacityReservation"
COMMITTED: Final = (GROUP, TEMPLATE, RESERVATION, PROVISIONED, CONFIGURATION, *STARTERS)
_TARGETS: Final = ("capacity_reservation_id", "capacity_reservation_resource_group_arn")
_MANY: Final = ("capacity_reservation_ids", "capacity_reservation_resource_group_arns")


@dataclass(frozen=True, slots=True)
class Commitment:
    """One commitment of a resource: the field that makes it, whether it does, and its name in a sentence."""

    at: Field
    is_made: Truth
    words: str
    verb: str = "has"


def commitments(resource: Resource) -> Iterator[Commitment]:
    """Yield what a resource of one of the `COMMITTED` types commits to."""
    match resource.type:
        case "aws.ec2.CapacityReservation":
            count = field(resource, "instance_count")
            yield Commitment(
                count,
                ~count.is_below(1),
                f"{count.shown} {'machine' if count.number == 1 else 'machines'}, paid while it exists",
                "reserves",
            )
        case "aws.lambda_.ProvisionedConcurrencyConfig":
            yield _provisioned(field(resource, "provisioned_concurrent_executions"))
        case "aws.sagemaker.EndpointConfiguration":
            for variant in Configuration(resource).variants():
                yield _provisioned(variant.at["serverless_config"]["provisioned_concurrency"])
                reserved = variant.at["capacity_reservation_config"]["ml_reservation_arn"]
                yield Commitment(reserved, reserved.is_given(), "reserved capacity", "asks for")
        case kind if kind in STARTERS:
            for job in jobs(resource):
                plan = job.training_plan
                yield Commitment(plan, plan.is_given(), "a training plan", "asks for")
        case _:
            yield from _targeted(field(resource, "capacity_reservation_specification"))


def _provisioned(at: Field) -> Commitment:
    return Commitment(at, at.is_given() & ~at.is_below(1), f"provisioned concurrency ({at.shown})")


def _targeted(specification: Field) -> Iterator[Commitment]:
    target = specification["capacity_reservation_target"]
    for key in (*_TARGETS, *_MANY):
        found = target[key]
        if found.value is not None and found.value is not specification.value:
            yield Commitment(found, found.is_given(), "a capacity reservation", "runs in")
