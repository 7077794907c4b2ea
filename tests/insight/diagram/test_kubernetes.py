"""How what runs on EKS is drawn: who calls what, on which machines, and what is read and written."""

from __future__ import annotations

from mlstage import Eks
from mlstage.insight.diagram.build import diagram_of
from mlstage.insight.diagram.model import Diagram, Node
from tests.targets.eks.workloads import GPU, batch, on_spot, scaled, scorer, training
from tests.targets.support import graph


def node(found: Diagram, name: str) -> Node:
    (one,) = [one for one in found.nodes if one.id == name]
    return one


def test_a_gpu_service_stands_behind_its_load_balancer() -> None:
    on = Eks(instance="g5.xlarge", fallbacks=["g5.2xlarge"], exposed="vpc")
    found = diagram_of(graph(scaled(on)))
    pods = node(found, "fraud-scorer-deployment")
    assert pods.lines[0] == "2\N{EN DASH}6 pods"
    assert {"on g5.xlarge or 1 other type", "scales on 60 % utilisation"} <= set(pods.lines)
    assert [mark.text for mark in pods.marks] == ["1 \N{MULTIPLICATION SIGN} NVIDIA A10G"]
    assert node(found, "fraud-scorer-balancer").lines == ("in the VPC only",)
    flows = {(edge.source, edge.target, edge.flow) for edge in found.edges}
    assert {
        ("callers", "fraud-scorer-balancer", "traffic"),
        ("fraud-scorer-balancer", "fraud-scorer-deployment", "traffic"),
        ("s3://acme-models", "fraud-scorer-deployment", "data"),
    } <= flows
    for name in ("autoscaler", "budget", "account", "identity"):
        assert found.stands_for[f"fraud-scorer-{name}"] == pods.id, name


def test_a_service_leads_to_its_own_pods_only() -> None:
    found = diagram_of(graph(scorer(), scorer(name="other")))
    led = [(edge.source, edge.target) for edge in found.edges if edge.source.endswith("-service")]
    assert led == [
        ("fraud-scorer-service", "fraud-scorer-deployment"),
        ("fraud-other-service", "fraud-other-deployment"),
    ]
    assert node(found, "fraud-scorer-service").lines == ("inside the cluster only",)


def test_a_job_says_when_it_starts_and_on_what() -> None:
    found = diagram_of(graph(on_spot(), batch(replicas=3, schedule="cron(0 3 ? * 2-6 *)")))
    spot, scores = node(found, "fraud-nightly-job"), node(found, "fraud-rescore-job")
    assert (spot.lines[0], spot.lines[-1]) == ("started by hand", "stopped after 2 h")
    assert [mark.kind for mark in spot.marks] == ["spot", "accelerator"]
    assert scores.lines[:2] == ("Mon\N{EN DASH}Fri at 03:00 (Etc/UTC)", "3 pods")
    written = {edge.target for edge in found.edges if edge.source == "fraud-nightly-job"}
    assert {"s3://acme-models", "s3://acme-checkpoints"} <= written


def test_a_cluster_is_drawn_where_it_is_made() -> None:
    own = node(diagram_of(graph(training(GPU))), "fraud-eks-cluster")
    assert own.lines == ("Auto Mode", "metrics-server", "amazon-cloudwatch-observability")
    there = diagram_of(graph(training(Eks(cluster="ml-platform", cpu=1, memory="2GB"))))
    assert "fraud-ml-platform-eks-cluster" not in {one.id for one in there.nodes}
