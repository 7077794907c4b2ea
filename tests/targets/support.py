"""For tests of targets: one workload in one stack, checked and lowered as every command does it."""

from __future__ import annotations

from collections.abc import Mapping

from mlstage.diagnostics import Diagnostic, Severity
from mlstage.graph import Graph, JsonDocument, Resource, Value
from mlstage.passes import Context, run_passes
from mlstage.resolve import ResolvedEnvironment, StackFile
from mlstage.resolve.resolve import resolve
from mlstage.spec.environment import Environment
from mlstage.spec.model import Model
from mlstage.spec.stages import Stage
from mlstage.spec.watching import Watch
from mlstage.spec.workloads import AnyWorkload
from mlstage.targets import check, lower

ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
MODEL = Model(image=f"{ECR}/fraud:1.7", artifact="s3://acme-models/fraud/model.tar.gz", size="1GB")


def resolved(
    *workloads: AnyWorkload, stack: str = "prod", stage: Stage | None = None, watch: Watch | None = None
) -> ResolvedEnvironment:
    """Resolve an environment `fraud` of these workloads; what is wrong with the language itself fails the test."""
    stages = {"test": Stage(tier="test"), "prod": Stage(tier="production")}
    stages |= {stack: stage} if stage else {}
    environment = Environment(name="fraud", owner="payments", stages=stages, workloads=list(workloads), watch=watch)
    found, wrong = resolve(environment, StackFile(stack, f"Pulumi.{stack}.yaml", "us-east-1"))
    assert not wrong, wrong
    return found


def problems(*workloads: AnyWorkload, stack: str = "prod", stage: Stage | None = None) -> tuple[Diagnostic, ...]:
    """Say what the targets find of these workloads."""
    environment = resolved(*workloads, stack=stack, stage=stage)
    return check(environment, StackFile(stack, f"Pulumi.{stack}.yaml", "us-east-1").where_of_region())


def refusals(*workloads: AnyWorkload, stack: str = "prod", stage: Stage | None = None) -> list[tuple[str, str]]:
    """Give code and field of every error."""
    found = problems(*workloads, stack=stack, stage=stage)
    return [(one.code, one.field) for one in found if one.severity is Severity.ERROR]


def graph(
    *workloads: AnyWorkload, stack: str = "prod", stage: Stage | None = None, watch: Watch | None = None
) -> Graph:
    """Lower workloads that the checks let through, and run the passes."""
    environment = resolved(*workloads, stack=stack, stage=stage, watch=watch)
    assert refusals(*workloads, stack=stack, stage=stage) == []
    tier = environment.stage.tier
    return run_passes(lower(environment), Context(environment="fraud", stack=stack, owner="payments", tier=tier))


def only(graph: Graph, type_: str) -> Resource:
    """Give the one resource of a type."""
    (found,) = graph.of(type_)
    return found


def inside(value: Value, *path: str | int) -> Value:
    """Walk into a value: through documents, lists and mappings."""
    for part in path:
        value = value.value if isinstance(value, JsonDocument) else value
        if isinstance(part, int):
            assert isinstance(value, tuple), (part, value)
            value = value[part]
        else:
            assert isinstance(value, Mapping), (part, value)
            value = value[part]
    return value


def statements(graph: Graph, role_policy: str) -> dict[str, Mapping[str, Value]]:
    """Give the statements of an inline policy by their Sid."""
    listed = inside(graph.by_name[role_policy].props["policy"], "Statement")
    assert isinstance(listed, tuple)
    found = {}
    for one in listed:
        assert isinstance(one, Mapping)
        found[str(one["Sid"])] = one
    return found
