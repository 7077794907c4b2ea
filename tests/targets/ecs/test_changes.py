"""Changes of a service that is up, on the real engine: each is one `pulumi up`, and AWS refuses no step of it."""

from __future__ import annotations

from typing import Any, Final

import pytest

from mlstage import AsyncEndpoint, CpuUtilization, Ecs, Eks, Environment, Model, Network, RealtimeEndpoint, Stage
from mlstage.graph import Graph
from mlstage.spec.scaling import Autoscale
from tests.engine_support import OfflineProject
from tests.specs import compiled
from tests.traps.engine_runs import deploy, new_events

REGISTRY: Final = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
MODEL: Final = Model(image=f"{REGISTRY}/scorer:1.0", size="1GB")
NETWORK: Final = Network(
    vpc="vpc-0a1b2c3d4e5f67890",
    subnets=["subnet-0a1b2c3d4e5f67890", "subnet-0a1b2c3d4e5f67891"],
    security_groups=["sg-0a1b2c3d4e5f67890"],
    public_subnets=["subnet-0a1b2c3d4e5f67892", "subnet-0a1b2c3d4e5f67893"],
)
LESS: Final[dict[str, Any]] = {"callers": ["10.2.0.0/16"]}
CERTIFICATE: Final = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-4e5f-6789-0a1b-2c3d4e5f6789"
ROLES: Final = [f"arn:aws:iam::123456789012:role/{name}" for name in ("platform", "support")]


def _graph(*workloads: RealtimeEndpoint | AsyncEndpoint) -> Graph:
    stages = {"test": Stage(tier="test", network=NETWORK)}
    graphs = compiled(Environment(name="fraud", owner="payments", stages=stages, workloads=[*workloads]))
    assert graphs is not None
    return graphs["test"]


def _scorer(on: Ecs) -> RealtimeEndpoint:
    scaled = Autoscale(min=1, max=3, target=CpuUtilization(60))
    return RealtimeEndpoint(name="scorer", model=MODEL, on=on, replicas=scaled)


def _queue(machines: dict[str, Any]) -> AsyncEndpoint:
    return AsyncEndpoint(name="queue", model=MODEL, on=Ecs(**machines), output="s3://acme-data/answers/")


@pytest.mark.engine
def test_callers_certificates_exposure_and_machines_come_and_go(project: OfflineProject) -> None:
    public: dict[str, Any] = {"exposed": "internet", "callers": ["10.1.0.0/16", "10.2.0.0/16"]}
    machines: dict[str, Any] = {"instance": "g5.xlarge"}
    small: dict[str, Any] = {"cpu": 1, "memory": "2GB"}
    steps: dict[str, list[RealtimeEndpoint | AsyncEndpoint]] = {
        "both on machines, under TLS": [_scorer(Ecs(**machines, **public, certificate=CERTIFICATE)), _queue(machines)],
        "on Fargate without TLS, less the queue and a caller": [_scorer(Ecs(**small, **{**public, **LESS}))],
        "in the VPC": [_scorer(Ecs(**small))],
    }
    done: list[list[str]] = []
    for step, workloads in steps.items():
        before = len(project.done())
        deploy(project, _graph(*workloads))
        done.append(new_events(project, before))
        assert [event for event in done[-1] if event.endswith("refused")] == [], step
    # What serves is up before what served goes.
    scorer = [event for event in done[1] if event.endswith(" Service/fraud-scorer-service")]
    assert scorer == ["create Service/fraud-scorer-service", "delete Service/fraud-scorer-service"]


def test_a_role_that_administers_a_cluster_no_more_leaves_the_others_entries_alone() -> None:
    def entries(admins: list[str]) -> dict[str, object]:
        on = Eks(cpu=1, memory="2GB", admins=admins)
        found = _graph(RealtimeEndpoint(name="scorer", model=MODEL, on=on)).of("aws.eks.AccessEntry")
        return {entry.name: entry.props["principal_arn"] for entry in found}

    both, second = entries(ROLES), entries(ROLES[1:])
    assert set(both.values()) == {*ROLES}
    assert second.items() < both.items()
