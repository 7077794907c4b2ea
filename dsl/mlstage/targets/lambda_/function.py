"""The function itself: role, log group, published versions, and the alias that callers name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from mlstage.graph import Ref, Resource, Value, join
from mlstage.spec.per_stage import known
from mlstage.spec.stages import OwnNetwork
from mlstage.spec.targets import Lambda
from mlstage.spec.text import megabytes
from mlstage.targets import iam
from mlstage.targets.logs import log_group, write_logs
from mlstage.targets.network import security_groups, subnets
from mlstage.targets.place import Place

ALIAS: Final = "live"
_NAME_LIMIT: Final = 64  # botocore: FunctionName


@dataclass(frozen=True, slots=True)
class Code:
    """What a function runs: an image, its variables, and what replaces the image's own entry point."""

    image: str
    architecture: str
    timeout: int
    variables: Mapping[str, str] = field(default_factory=dict)
    entry_point: Sequence[str] = ()
    command: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Function:
    """A function with what belongs to it. Callers name the alias, which points at the newest published version."""

    function: Resource
    alias: Resource
    own: tuple[Resource, ...]

    @property
    def arn(self) -> Ref:
        """The alias's ARN."""
        return Ref(self.alias.name, "arn")

    @property
    def name(self) -> Ref:
        """The function's name."""
        return Ref(self.function.name, "name")

    @property
    def resources(self) -> tuple[Resource, ...]:
        """Log group and role first: without them Lambda would make a log group that keeps for ever."""
        return (*self.own, self.function, self.alias)

    def telling(self, variable: str, value: Value) -> Function:
        """Copy with one more environment variable, whose value is known only when the stack is up."""
        environment = self.function.props.get("environment")
        assert isinstance(environment, Mapping)
        variables = environment["variables"]
        assert isinstance(variables, Mapping)
        changed = self.function.with_props(environment={"variables": {**variables, variable: value}})
        return replace(self, function=changed)


def on_lambda(on: object) -> Lambda:
    """Give a workload's target as what it must be once this target was chosen."""
    assert isinstance(on, Lambda), on
    return on


def function(
    place: Place, workload: str, kept: str, on: Lambda, code: Code, statements: Iterable[iam.Statement]
) -> Function:
    """Make a function `kept` in AWS, under a role with these statements and what every function needs."""
    name = place.physical(kept, limit=_NAME_LIMIT)
    logs = log_group(place, workload, f"/aws/lambda/{name}")
    streams = [join(Ref(logs.name, "arn"), ":log-stream:*")]
    may = [*statements, *iam.use_key(place), *write_logs(streams), *iam.join_network(place)]
    role = iam.role(place, workload, "role", "lambda", may, f"Function of {place.environment}/{workload}")
    resource = Resource(
        place.name(workload, "function"),
        "aws.lambda_.Function",
        _function(place, name, on, code, role.arn),
        (logs.name, role.policy.name),
        workload=workload,
    )
    alias: dict[str, Value] = {
        "name": ALIAS,
        "description": "The version that callers get",
        "function_name": Ref(resource.name, "name"),
        "function_version": Ref(resource.name, "version"),
    }
    called = Resource(place.name(workload, "alias"), "aws.lambda_.Alias", alias, workload=workload)
    return Function(resource, called, (logs, *role.resources))


def _function(place: Place, name: str, on: Lambda, code: Code, role: Ref) -> dict[str, Value]:
    props: dict[str, Value] = {
        "name": name,
        "package_type": "Image",
        "image_uri": code.image,
        "architectures": (code.architecture,),
        "role": role,
        "memory_size": int(megabytes(known(on.memory))),
        "timeout": code.timeout,
        "ephemeral_storage": {"size": int(megabytes(known(on.storage)))},
        # Every change becomes a version of its own: an alias, and what is provisioned for it, need one.
        "publish": True,
        "kms_key_arn": place.key_arn,
    }
    if code.variables:
        props["environment"] = {"variables": dict(code.variables)}
    if code.entry_point or code.command:
        replaced = {"entry_points": tuple(code.entry_point), "commands": tuple(code.command)}
        props["image_config"] = {key: value for key, value in replaced.items() if value}
    if place.network is not None:
        out = isinstance(place.network, OwnNetwork) and place.network.internet
        props["vpc_config"] = {"subnet_ids": subnets(place), "security_group_ids": security_groups(place, internet=out)}
    if (most := known(on.concurrency)) is not None:
        props["reserved_concurrent_executions"] = most
    return props
