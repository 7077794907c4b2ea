"""What sets one stack apart from another: its tier, its network, its budget."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_network
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from mlstage.spec.base import Many, Node
from mlstage.spec.per_stage import DEFAULT
from mlstage.spec.says import Says
from mlstage.spec.text import wrong
from mlstage.spec.waivers import Waiver

Tier = Literal["test", "production"]
_IDS: Final = {"vpc": "a VPC", "subnet": "a subnet", "sg": "a security group"}


def _id_of(kind: str) -> AfterValidator:
    def check(text: str) -> str:
        if not re.fullmatch(rf"{kind}-[0-9a-f]{{8,17}}", text):
            raise wrong("SPEC104", f"{text!r} is no id of {_IDS[kind]}", f'"{kind}-0a1b2c3d4e5f67890", for example')
        return text

    return AfterValidator(check)


VpcId = Annotated[str, _id_of("vpc"), Says("the id of a VPC", '"vpc-0a1b2c3d4e5f67890"')]
SubnetId = Annotated[str, _id_of("subnet"), Says("the id of a subnet", '"subnet-0a1b2c3d4e5f67890"')]
GroupId = Annotated[str, _id_of("sg"), Says("the id of a security group", '"sg-0a1b2c3d4e5f67890"')]


def _stack(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}", text):
        cleaned = re.sub(r"[^A-Za-z0-9_.-]+", "-", text).strip("-._")[:100] or "test"
        what = f"{text!r} is no name of a Pulumi stack"
        raise wrong("SPEC104", what, f'"{cleaned}": letters, digits, hyphens, underscores and periods')
    if text == DEFAULT:
        what = f"a stage is named {text!r}, which in per_stage means every other stage"
        raise wrong("SPEC104", what, '"dev", for example')
    return text


StackName = Annotated[str, AfterValidator(_stack), Says("the name of a stack", '"test"')]


class Network(Node):
    """An existing VPC, by its ids: everything of the stage that can run in a VPC runs in these subnets.

    `public_subnets` are for load balancers that are exposed to the internet.
    """

    vpc: VpcId
    subnets: Annotated[Many[SubnetId], Field(min_length=1)]
    security_groups: Annotated[Many[GroupId], Field(min_length=1)]
    public_subnets: Many[SubnetId] = ()


def _cidr(text: str) -> str:
    try:
        network = ip_network(text)
    except ValueError as error:
        raise wrong("SPEC104", f"{text!r} is no IPv4 range: {error}", '"10.80.0.0/16", for example') from None
    if network.version != 4 or not 16 <= network.prefixlen <= 24:
        what = f"{text!r} is a /{network.prefixlen}; a VPC of three zones needs a /16 to a /24 of IPv4"
        raise wrong("AWS111", what, '"10.80.0.0/16", for example')
    return text


class OwnNetwork(Node):
    """A VPC that mlstage makes for the environment: private subnets, and endpoints for the AWS services it calls.

    With `internet`, containers may also call the internet, through NAT: one gateway in test, one for each zone in
    production. Where an image lies outside of Amazon ECR, or a cluster needs it, there is NAT without asking.
    """

    cidr: Annotated[str, AfterValidator(_cidr), Says("an IPv4 range", '"10.80.0.0/16"')] = "10.80.0.0/16"
    zones: Annotated[int, Field(ge=2, le=3)] = 2
    internet: bool = False


Dollars = Annotated[float, Field(gt=0, allow_inf_nan=False), Says("an amount of US dollars", "500")]


_KEY: Final = re.compile(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[0-9a-zA-Z-]{36}")


def _key_arn(text: str) -> str:
    if not _KEY.fullmatch(text):
        what = f"{text!r} is no ARN of a KMS key"
        why = "An alias can be moved to another key unnoticed, and IAM policies cannot name one."
        raise wrong("SPEC104", what, f'"{_KEY_EXAMPLE}", for example', why)
    return text


_KEY_EXAMPLE: Final = "arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-4e5f-6789-0a1b-2c3d4e5f6789"
KeyArn = Annotated[str, AfterValidator(_key_arn), Says("the ARN of a KMS key", f'"{_KEY_EXAMPLE}"')]


class Stage(Node):
    """One stack's own settings.

    `tier` decides which rules weigh how much. Without a `network` a workload that needs one gets a VPC of its own.
    `monthly_budget` is in US dollars: whom the environment's `watch` alerts is told before it is spent. `key` is the
    ARN of a KMS key; without it, the environment makes one of its own. `tags` go onto everything of the stage.
    """

    tier: Tier
    network: Network | OwnNetwork | None = None
    monthly_budget: Dollars | None = None
    key: KeyArn | None = None
    tags: Mapping[str, str] = {}
    waivers: Many[Waiver] = ()
