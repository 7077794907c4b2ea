"""The policy pack on the real engine, over a program in plain pulumi_kubernetes that mlstage never saw."""

from __future__ import annotations

import pytest

from tests.engine_support import OfflineProject
from tests.policies.test_engine import preview, verdict

pytestmark = pytest.mark.engine

# A service on Spot in one pod, whose container has the node and comes without a version; and a sound one beside it.
PROGRAM = """
import pulumi_kubernetes as k8s

opts = pulumi.ResourceOptions(provider=k8s.Provider("cluster", kubeconfig="{}"))
HEALTH = {"http_get": {"path": "/ping", "port": 8080}}
TARGET = {"type": "Utilization", "average_utilization": 60}
DIGEST = "@sha256:" + "0" * 64


def pool(name, capacity):
    k8s.apiextensions.CustomResource(
        name,
        api_version="karpenter.sh/v1",
        kind="NodePool",
        metadata={"name": name},
        spec={
            "template": {
                "metadata": {"labels": {"pool": name}},
                "spec": {
                    "requirements": [{"key": "karpenter.sh/capacity-type", "operator": "In", "values": [capacity]}]
                },
            }
        },
        opts=opts,
    )


def service(name, pool, image, replicas, **security):
    labels = {"app": name}
    spread = {
        "max_skew": 1,
        "topology_key": "topology.kubernetes.io/zone",
        "when_unsatisfiable": "ScheduleAnyway",
        "label_selector": {"match_labels": labels},
    }
    container = {
        "name": name,
        "image": image,
        "ports": [{"container_port": 8080}],
        "readiness_probe": HEALTH,
        "liveness_probe": HEALTH,
        "security_context": security,
    }
    pod = {"node_selector": {"pool": pool}, "containers": [container], "topology_spread_constraints": [spread]}
    k8s.apps.v1.Deployment(
        name,
        metadata={"name": name},
        spec={
            "replicas": replicas,
            "selector": {"match_labels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
        opts=opts,
    )
    ports = [{"port": 80, "target_port": 8080}]
    k8s.core.v1.Service(name, metadata={"name": name}, spec={"selector": labels, "ports": ports}, opts=opts)


pool("spot", "spot")
pool("steady", "on-demand")
service("risky", "spot", "123456789012.dkr.ecr.us-east-1.amazonaws.com/risky:latest", 1, privileged=True)
service("sound", "steady", "123456789012.dkr.ecr.us-east-1.amazonaws.com/sound:1.4.2" + DIGEST, 3)
k8s.policy.v1.PodDisruptionBudget(
    "sound", metadata={"name": "sound"}, spec={"max_unavailable": 1, "selector": {"match_labels": {"app": "sound"}}},
    opts=opts,
)
k8s.autoscaling.v2.HorizontalPodAutoscaler(
    "sound",
    metadata={"name": "sound"},
    spec={
        "scale_target_ref": {"api_version": "apps/v1", "kind": "Deployment", "name": "sound"},
        "min_replicas": 2,
        "max_replicas": 6,
        "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": TARGET}}],
    },
    opts=opts,
)
"""


# A cluster of the same program: in its first preview the engine can ask nobody about what will lie inside.
OWN_CLUSTER = """
network = {"subnet_ids": ["subnet-0123456789abcdef0", "subnet-1123456789abcdef0"]}
cluster = aws.eks.Cluster("cluster", role_arn="arn:aws:iam::123456789012:role/cluster", vpc_config=network)
"""


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(PROGRAM, id="a cluster that is there"),
        pytest.param(OWN_CLUSTER + PROGRAM.replace('kubeconfig="{}"', "kubeconfig=cluster.endpoint"), id="its own"),
    ],
)
def test_what_is_wrong_in_a_cluster_is_seen_in_anybody_s_program(project: OfflineProject, program: str) -> None:
    project.program(program)
    said = verdict(preview(project, "prod", fails=True))
    assert {("mandatory", rule, "risky") for rule in ("ML101", "ML201", "ML202", "ML411")} <= set(said), said
    assert "ML409" in {rule for _, rule, name in said if name == "risky"}, said
    assert [one for one in said if one[2] == "sound"] == [], said
