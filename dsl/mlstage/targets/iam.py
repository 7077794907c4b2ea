"""Least-privilege roles: each statement names what the workload named, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mlstage.graph import Join, JsonDocument, Options, Ref, Resource, Value
from mlstage.spec.text import image_address, s3_location
from mlstage.targets.place import Place

Arn = str | Ref | Join
Statement = dict[str, Value]

_ROLE_NAME_LIMIT = 64  # IAM, CreateRole: RoleName


def allow(
    sid: str, actions: Sequence[str], resources: Sequence[Arn], condition: dict[str, Value] | None = None
) -> Statement:
    """Write one Allow statement."""
    statement: Statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Action": tuple(actions),
        "Resource": tuple(resources),
    }
    return {**statement, "Condition": condition} if condition else statement


@dataclass(frozen=True, slots=True)
class Role:
    """A role and its one inline policy; `comment` explains any wildcard in it."""

    role: Resource
    policy: Resource

    @property
    def arn(self) -> Ref:
        """The role's ARN."""
        return Ref(self.role.name, "arn")

    @property
    def resources(self) -> tuple[Resource, Resource]:
        """Role, then policy."""
        return self.role, self.policy


def role(
    place: Place,
    workload: str,
    part: str,
    service: str,
    statements: Iterable[Statement],
    description: str,
    *,
    session_tags: bool = False,
    any_source: bool = False,
) -> Role:
    """Make a role that one AWS service may take on for this account only, with a policy of these statements.

    EKS passes `session_tags` along. EC2 is `any_source`: it does not say for which account it asks. A role of no
    workload is the environment's.
    """
    name = place.name(workload, part) if workload else place.shared(part)
    listed = tuple(statements)
    resource = Resource(
        name,
        "aws.iam.Role",
        {
            "name": place.physical(workload, part, limit=_ROLE_NAME_LIMIT),
            "description": description,
            "assume_role_policy": trust(place, service, session_tags=session_tags, any_source=any_source),
        },
        workload=workload,
    )
    policy = Resource(
        f"{name}-policy",
        "aws.iam.RolePolicy",
        {
            "name": "access",
            "role": Ref(name, "name"),
            "policy": JsonDocument({"Version": "2012-10-17", "Statement": listed}),
        },
        options=Options(comment=_about_wildcards(listed)),
        workload=workload,
    )
    return Role(resource, policy)


def trust(place: Place, service: str, *, session_tags: bool = False, any_source: bool = False) -> JsonDocument:
    """Say which AWS service may take a role on, and for whom."""
    actions: Value = ("sts:AssumeRole", "sts:TagSession") if session_tags else "sts:AssumeRole"
    statement: dict[str, Value] = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": actions,
    }
    if not any_source:
        # Without it, another account's resource could make the service use this role (the confused deputy).
        statement["Condition"] = {"StringEquals": {"aws:SourceAccount": place.account}}
    return JsonDocument({"Version": "2012-10-17", "Statement": (statement,)})


def _about_wildcards(statements: Sequence[Statement]) -> str:
    wild = [str(statement["Sid"]) for statement in statements if statement["Resource"] == ("*",)]
    if not wild:
        return ""
    return f'Resource "*" in {", ".join(wild)}: AWS offers no other resource for these actions.'


def read_objects(place: Place, sid: str, addresses: Iterable[str]) -> Iterator[Statement]:
    """Allow to list and read what lies below S3 prefixes; an address of one object reads that object only."""
    places = sorted({*addresses})
    if not places:
        return
    yield allow(f"{sid}Read", ["s3:GetObject"], [_objects(place, address) for address in places])
    yield from _list(place, sid, [address for address in places if _is_prefix(address)])


def write_objects(place: Place, sid: str, addresses: Iterable[str]) -> Iterator[Statement]:
    """Allow to write below S3 prefixes."""
    places = sorted({*addresses})
    if places:
        arns = [_objects(place, address) for address in places]
        yield allow(f"{sid}Write", ["s3:PutObject", "s3:AbortMultipartUpload"], arns)


def keep_objects(place: Place, sid: str, addresses: Iterable[str]) -> Iterator[Statement]:
    """Allow to read, write and delete below S3 prefixes, as checkpoints need."""
    places = sorted({*addresses})
    if places:
        actions = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
        yield allow(f"{sid}Keep", actions, [_objects(place, address) for address in places])
        yield from _list(place, sid, places)


def _list(place: Place, sid: str, addresses: Sequence[str]) -> Iterator[Statement]:
    prefixes: dict[str, list[str]] = {}
    for address in addresses:
        location = s3_location(address)
        prefixes.setdefault(location.bucket, []).append(f"{location.prefix}*")
    for number, (bucket, listed) in enumerate(sorted(prefixes.items()), 1):
        name = f"{sid}List" if len(prefixes) == 1 else f"{sid}List{number}"
        condition: dict[str, Value] = {"StringLike": {"s3:prefix": tuple(listed)}}
        yield allow(name, ["s3:ListBucket"], [place.s3_arn(bucket)], condition)


def _is_prefix(address: str) -> bool:
    """Tell a prefix from an object: SageMaker's own habit is that a key with an extension is an object."""
    key = s3_location(address).prefix
    return not key or key.endswith("/") or "." not in key.rpartition("/")[2]


def _objects(place: Place, address: str) -> str:
    location = s3_location(address)
    return place.s3_arn(f"{location.bucket}/{location.prefix}{'*' if _is_prefix(address) else ''}")


def pull_images(place: Place, images: Iterable[str]) -> Iterator[Statement]:
    """Allow to pull container images from the ECR repositories that hold them."""
    found = sorted({(a.account, a.region, a.repository) for a in map(image_address, images) if a.account})
    if found:
        arns = [f"arn:{place.partition}:ecr:{region}:{account}:repository/{name}" for account, region, name in found]
        actions = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        yield allow("PullImage", actions, arns)
        yield allow("SignInToEcr", ["ecr:GetAuthorizationToken"], ["*"])


def read_secrets(arns: Iterable[str]) -> Iterator[Statement]:
    """Allow to read secrets of Secrets Manager and parameters of SSM."""
    wanted = sorted({*arns})
    secrets, parameters = ([arn for arn in wanted if f":{service}:" in arn] for service in ("secretsmanager", "ssm"))
    if secrets:
        yield allow("ReadSecrets", ["secretsmanager:GetSecretValue"], secrets)
    if parameters:
        yield allow("ReadParameters", ["ssm:GetParameters"], parameters)


def use_key(place: Place, *, volumes: bool = False) -> Iterator[Statement]:
    """Allow to use the environment's KMS key for data and, with `volumes`, to lend it to AWS for EBS volumes."""
    actions = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
    yield allow("UseKey", actions, [place.key_arn])
    if volumes:
        condition: dict[str, Value] = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
        yield allow("LendKeyToVolumes", ["kms:CreateGrant"], [place.key_arn], condition)


def publish_metrics() -> Iterator[Statement]:
    """Allow to publish SageMaker's own metrics, and no others."""
    condition: dict[str, Value] = {"StringLike": {"cloudwatch:namespace": ("/aws/sagemaker/*", "AWS/SageMaker")}}
    yield allow("PublishMetrics", ["cloudwatch:PutMetricData"], ["*"], condition)


def join_network(place: Place) -> Iterator[Statement]:
    """Allow to put network interfaces into the stage's VPC, when there is one."""
    if place.network is None:
        return
    reading = ["DhcpOptions", "NetworkInterfaces", "SecurityGroups", "Subnets", "Vpcs"]
    yield allow("ReadNetwork", [f"ec2:Describe{what}" for what in reading], ["*"])
    making = ["CreateNetworkInterface", "CreateNetworkInterfacePermission", "DeleteNetworkInterface"]
    kinds = ["network-interface", "security-group", "subnet"]
    actions = [*(f"ec2:{action}" for action in making), "ec2:DeleteNetworkInterfacePermission"]
    yield allow("JoinNetwork", actions, [place.arn("ec2", f"{kind}/*") for kind in kinds])
