"""Provisioned concurrency: places that are warm before a request comes, so many or as many as target tracking wants."""

from __future__ import annotations

from collections.abc import Iterator

from mlstage.diagnostics import Diagnostic
from mlstage.graph import Ref, Resource, Value, join
from mlstage.spec.per_stage import known
from mlstage.spec.scaling import Autoscale, ProvisionedConcurrencyUtilization
from mlstage.spec.targets import Lambda
from mlstage.targets import scaling
from mlstage.targets.base import Blame
from mlstage.targets.lambda_.function import Function
from mlstage.targets.place import Place


def check(blame: Blame, on: Lambda) -> Iterator[Diagnostic]:
    """Check what provisioned concurrency is to follow."""
    asked = known(on.provisioned)
    if not isinstance(asked, Autoscale):
        return
    yield from scaling.only(
        blame, "on.provisioned", asked, (ProvisionedConcurrencyUtilization,), "ProvisionedConcurrencyUtilization(70)"
    )
    if known(asked.min) < 1:
        what = "provisioned concurrency that scales keeps at least one place: `min` is 0"
        yield blame("AWS209", "on.provisioned.min", what, "min=1, or leave `provisioned` out: Lambda itself goes to 0")


def lower(place: Place, workload: str, asked: int | Autoscale | None, made: Function) -> tuple[Resource, ...]:
    """Keep places of the alias warm."""
    if asked is None:
        return ()
    if isinstance(asked, int):
        props: dict[str, Value] = {
            "function_name": made.name,
            "qualifier": Ref(made.alias.name, "name"),
            "provisioned_concurrent_executions": asked,
        }
        name = place.name(workload, "provisioned")
        return (Resource(name, "aws.lambda_.ProvisionedConcurrencyConfig", props, workload=workload),)
    of = scaling.Scaled(
        "lambda",
        "lambda:function:ProvisionedConcurrency",
        join("function:", made.name, ":", Ref(made.alias.name, "name")),
    )
    metric = known(asked.target)
    assert isinstance(metric, ProvisionedConcurrencyUtilization)
    tracked: dict[str, Value] = {
        "predefined_metric_specification": {"predefined_metric_type": "LambdaProvisionedConcurrencyUtilization"},
        # Application Auto Scaling has a share of one here, not a percentage.
        "target_value": metric.value / 100,
    }
    return scaling.tracking(place, workload, asked, of, tracked)
