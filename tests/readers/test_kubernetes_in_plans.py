"""Objects of Kubernetes in Terraform plans, in blocks of its provider's types and as manifests, judged as all others.

Plans are put together here as Terraform writes them for what its provider documents: no Kubernetes provider is at hand.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mlstage.diagnostics import Kind
from mlstage.readers.saved import Judged, Terms, judge_plan

TODAY = date(2026, 11, 24)


class Words(dict[str, str]):
    """A map of the author's own words, which is no block."""


class Later:
    """A value that is known once the resource that it refers to exists."""

    def __init__(self, *references: str) -> None:
        self.references = [*references, *(one.rpartition(".")[0] for one in references)]


def planned(value: Any) -> Any:
    """Give what a plan has as the value of what was written: an object is a list of one block."""
    match value:
        case Words():
            return value
        case Later():
            return None
        case Mapping():
            return [{key: planned(item) for key, item in value.items()}]
        case list():
            return [planned(item)[0] if isinstance(item, Mapping) else item for item in value]
        case _:
            return value


def unknown(value: Any) -> Any:
    match value:
        case Later():
            return True
        case Mapping() if not isinstance(value, Words):
            return [{key: unknown(item) for key, item in value.items()}]
        case list():
            return [unknown(item)[0] if isinstance(item, Mapping) else False for item in value]
        case _:
            return False


def expression(value: Any) -> Any:
    match value:
        case Later():
            return {"references": value.references}
        case Mapping() if not isinstance(value, Words):
            return [{key: expression(item) for key, item in value.items()}]
        case list() if value and isinstance(value[0], Mapping):
            return [block for item in value for block in expression(item)]
        case _:
            return {"constant_value": value}


def resource(address: str, body: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    kind, _, name = address.partition(".")
    place = {"address": address, "mode": "managed", "type": kind, "name": name}
    values = {key: planned(item) for key, item in body.items()}
    flags = {key: unknown(item) for key, item in body.items()}
    expressions = {key: expression(item) for key, item in body.items()}
    return (
        {**place, "values": values},
        {"address": address, "change": {"after_unknown": flags}},
        {**place, "expressions": expressions},
    )


def judged(folder: Path, resources: Mapping[str, Mapping[str, Any]]) -> Judged:
    planned, changes, configured = zip(*(resource(*one) for one in resources.items()), strict=True)
    document = {
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": planned}},
        "resource_changes": changes,
        "configuration": {"root_module": {"resources": configured}},
    }
    path = folder / "plan.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return judge_plan(path, Terms(TODAY, tier="production"))


def told(one: Judged) -> Iterable[tuple[str, str, str]]:
    return {(d.code if d.kind is Kind.PROBLEM else f"{d.code}?", d.subject, d.field) for d in one.diagnostics}


def deployment(
    name: str, *, replicas: str, selector: Mapping[str, str] | None = None, **container: Any
) -> dict[str, Any]:
    pod: dict[str, Any] = {"container": {"name": "server", **container}}
    if selector:
        pod["node_selector"] = Words(selector)
    labels = Words(app=name)
    return {
        "metadata": {"name": name, "namespace": "models"},
        "spec": {
            "replicas": replicas,
            "selector": {"match_labels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }


def service(name: str, kind: str, **annotations: str) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "namespace": "models", "annotations": Words(annotations)},
        "spec": {"type": kind, "selector": Words(app=name), "port": {"port": 80, "target_port": "8000"}},
    }


def scaler(name: str, least: int, most: int) -> dict[str, Any]:
    target = {"api_version": "apps/v1", "kind": "Deployment", "name": name}
    return {
        "metadata": {"name": name, "namespace": "models"},
        "spec": {"min_replicas": least, "max_replicas": most, "scale_target_ref": target},
    }


CONTAINER = "spec[0].template[0].spec[0].container[0]"
CARELESS = {
    "kubernetes_deployment_v1.llm": deployment(
        "llm",
        replicas="2",
        selector={"karpenter.sh/capacity-type": "spot"},
        image="123456789012.dkr.ecr.eu-west-1.amazonaws.com/llm:latest",
        env=[{"name": "LOG", "value": "info"}, {"name": "API_KEY", "value": "hunter2-hunter2"}],
        security_context={"privileged": True},
        resources={"limits": Words({"nvidia.com/gpu": "1"})},
    ),
    "kubernetes_service_v1.llm": service(
        "llm", "LoadBalancer", **{"service.beta.kubernetes.io/aws-load-balancer-scheme": "internet-facing"}
    ),
    "kubernetes_horizontal_pod_autoscaler_v2.llm": scaler("llm", 2, 2),
}


def test_blocks_of_the_provider_are_judged_by_their_own_names(tmp_path: Path) -> None:
    assert told(judged(tmp_path, CARELESS)) == {
        (
            "ML101",
            "kubernetes_deployment_v1.llm",
            "spec[0].template[0].spec[0].node_selector.karpenter.sh/capacity-type",
        ),
        ("ML203", "kubernetes_horizontal_pod_autoscaler_v2.llm", "spec[0].max_replicas"),
        ("ML208", "kubernetes_deployment_v1.llm", f"{CONTAINER}.readiness_probe"),
        ("ML211", "kubernetes_deployment_v1.llm", "spec[0].selector"),
        ("ML407", "kubernetes_deployment_v1.llm", f"{CONTAINER}.env[1].value"),
        ("ML408", "kubernetes_service_v1.llm", "spec[0].type"),
        ("ML409", "kubernetes_deployment_v1.llm", f"{CONTAINER}.image"),
        ("ML411", "kubernetes_deployment_v1.llm", f"{CONTAINER}.security_context[0].privileged"),
    }


def test_a_careful_deployment_is_clean_but_for_what_is_not_known_yet(tmp_path: Path) -> None:
    probe = {"http_get": {"path": "/ping", "port": "8000"}}
    later = Later("aws_ecr_repository.web.repository_url")
    budget = {"metadata": {"name": "web", "namespace": "models"},
              "spec": {"max_unavailable": "1", "selector": {"match_labels": Words(app="web")}}}  # fmt: skip
    found = judged(
        tmp_path,
        {
            "aws_ecr_repository.web": {"name": "web", "tags": Words(Owner="a", Project="b", Stage="c")},
            "kubernetes_deployment.web": deployment("web", replicas="3", image=later, readiness_probe=probe),
            "kubernetes_service.web": service("web", "ClusterIP"),
            "kubernetes_horizontal_pod_autoscaler.web": scaler("web", 2, 6),
            "kubernetes_pod_disruption_budget_v1.web": budget,
            "helm_release.karpenter": {"name": "karpenter"},
        },
    )
    assert told(found) == {("ML409?", "kubernetes_deployment.web", f"{CONTAINER}.image")}
    assert found.not_judged == {"helm_release": 1}


POOL = {
    "apiVersion": "karpenter.sh/v1",
    "kind": "NodePool",
    "metadata": {"name": "gpu"},
    "spec": {
        "template": {
            "spec": {
                "requirements": [
                    {"key": "node.kubernetes.io/instance-type", "operator": "In", "values": ["g5.xlarge"]},
                ]
            }
        }
    },
}
DISKS = "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: gp3}\nprovisioner: ebs.csi.aws.com\n"


class Whole(Words):
    """A manifest, which is a value and no block."""


@pytest.mark.parametrize(
    ("address", "body", "expected"),
    [
        (
            "kubernetes_manifest.pool",
            {"manifest": Whole(POOL)},  # type: ignore[arg-type]
            ("ML108", "manifest.spec.template.spec.requirements[0].values[0]"),
        ),
        ("kubectl_manifest.disks", {"yaml_body_parsed": DISKS}, ("ML402", "yaml_body_parsed.parameters.encrypted")),
    ],
)
def test_manifests_are_judged_as_what_they_are(
    address: str, body: Mapping[str, Any], expected: tuple[str, str], tmp_path: Path
) -> None:
    code, field = expected
    assert told(judged(tmp_path, {address: body})) == {(code, address, field)}


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("kubernetes_manifest.other", {"manifest": Whole(apiVersion="acme.example/v1", kind="Model")}),
        ("kubernetes_manifest.later", {"manifest": Later("aws_eks_cluster.main.name")}),
        ("kubectl_manifest.broken", {"yaml_body_parsed": "a: [1"}),
        ("kubectl_manifest.text", {"yaml_body_parsed": "just words"}),
    ],
)
def test_manifests_of_what_nobody_knows_are_told(address: str, body: Mapping[str, Any], tmp_path: Path) -> None:
    assert judged(tmp_path, {address: body}).not_judged == {address.partition(".")[0]: 1}
