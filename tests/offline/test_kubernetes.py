"""The stand-in for a cluster: what it says of wrong objects, and the order that it holds programs to."""

from __future__ import annotations

from typing import Any

import pytest

from mlstage.offline.provider.check import faults, unknown_type
from mlstage.offline.provider.schema import resource_type
from tests.engine_support import OfflineProject

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
CONTAINER = {"name": "a", "image": "example.org/a:1"}


def _deployment(container: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    pod = {"metadata": {"labels": {"app": "a"}}, "spec": {"containers": [container or CONTAINER]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "a"},
        "spec": {"selector": {"matchLabels": {"app": "a"}}, "template": pod, **spec},
    }


def _said(token: str, inputs: dict[str, Any]) -> list[str]:
    kind = resource_type(token)
    assert kind is not None
    return faults(kind, inputs)


POD = "spec.template.spec.containers[0]"


@pytest.mark.parametrize(
    ("inputs", "fault"),
    [
        (_deployment(replica=2), f"spec.replica: not a property of {DEPLOYMENT}; did you mean replicas?"),
        (_deployment(replicas="two"), "spec.replicas: is text, and must be a whole number"),
        ({**_deployment(), "spec": {"replicas": 1}}, f"spec.selector: missing; {DEPLOYMENT} requires it"),
        (_deployment({"image": "a:1"}), f"{POD}.name: missing; {DEPLOYMENT} requires it"),
        (
            _deployment({**CONTAINER, "resources": {"limit": {"nvidia.com/gpu": "1"}}}),
            f"{POD}.resources.limit: not a property of {DEPLOYMENT}; did you mean limits?",
        ),
        (
            _deployment({**CONTAINER, "ports": {"containerPort": 80}}),
            f"{POD}.ports: is a mapping, and must be a list",
        ),
        (
            _deployment({**CONTAINER, "readinessProbe": {"httpGet": {"path": "/ping"}}}),
            f"{POD}.readinessProbe.httpGet.port: missing; {DEPLOYMENT} requires it",
        ),
    ],
)
def test_a_wrong_property_is_named_however_deep_it_lies(inputs: dict[str, Any], fault: str) -> None:
    assert fault in _said(DEPLOYMENT, inputs)


def test_a_right_object_is_not_accused() -> None:
    gpu = {"limits": {"nvidia.com/gpu": "1", "memory": "1Gi"}}
    port = {"httpGet": {"path": "/ping", "port": "http"}}
    assert _said(DEPLOYMENT, _deployment({**CONTAINER, "resources": gpu, "readinessProbe": port})) == []


def test_custom_kinds_take_any_specification_and_misspelt_ones_of_kubernetes_own_are_none() -> None:
    assert _said("kubernetes:karpenter.sh/v1:NodePool", {"metadata": {"name": "a"}, "spec": {"any": [1]}}) == []
    assert _said("kubernetes:karpenter.sh/v1:NodePool", {"metadata": {"nam": "a"}})[0].startswith("metadata.nam: ")
    for token in ("kubernetes:apps/v1:Deploymant", "kubernetes:networking.k8s.io/v1:NetworkPolice"):
        assert resource_type(token) is None
    assert "kubernetes:apps/v1:Deployment" in unknown_type("kubernetes:apps/v1:Deploymant")
    assert "pulumi_kubernetes" in unknown_type("kubernetes:apps/v1:Deploymant")


PROGRAM = """
import pulumi_kubernetes as kubernetes

cluster = kubernetes.Provider("cluster", kubeconfig="{}")
other = kubernetes.Provider("other", kubeconfig='{"other": 1}')
opts = pulumi.ResourceOptions(provider=cluster)


def pods(account: str, app: str) -> dict:
    return {
        "selector": {"match_labels": {"app": app}},
        "template": {
            "metadata": {"labels": {"app": app}},
            "spec": {"service_account_name": account, "containers": [{"name": "a", "image": "example.org/a:1"}]},
        },
    }


def after(*needed: pulumi.Resource, provider: kubernetes.Provider = cluster) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(provider=provider, depends_on=list(needed))

"""
GOOD = """
space = kubernetes.core.v1.Namespace("space", metadata={"name": "ml"}, opts=opts)
account = kubernetes.core.v1.ServiceAccount("account", metadata={"name": "a", "namespace": "ml"}, opts=after(space))
same = kubernetes.core.v1.Namespace("same", metadata={"name": "ml"}, opts=pulumi.ResourceOptions(provider=other))
run = kubernetes.apps.v1.Deployment(
    "run", metadata={"name": "run", "namespace": "ml"}, spec=pods("a", APP), opts=after(account)
)
named = kubernetes.core.v1.ConfigMap("named", metadata={"namespace": "ml"}, data={"k": "v"}, opts=after(space))
pulumi.export("named", named.metadata.name)
"""


@pytest.mark.engine
def test_a_cluster_holds_objects_to_their_order_and_names(project: OfflineProject) -> None:
    project.program(
        PROGRAM
        + 'kubernetes.core.v1.ConfigMap("early", metadata={"name": "c", "namespace": "ml"}, data={}, opts=opts)\n'
        + 'kubernetes.apps.v1.Deployment("run", metadata={"name": "run"}, spec=pods("nobody", "a"), opts=opts)\n'
    )
    said = project.up("--continue-on-error", fails=True)
    assert 'namespaces "ml" not found' in said
    assert 'serviceaccount "default/nobody" not found' in said
    project.destroy()

    project.program(PROGRAM + GOOD.replace("APP", '"a"'))
    project.up()
    first = project.outputs()["named"]
    assert first.startswith("named-")
    made = project.events()
    project.up()
    assert (project.events(), project.outputs()["named"]) == (made, first)

    # Another selector makes another Deployment; under its fixed name, only once the old one is gone.
    before = len(project.done())
    project.program(PROGRAM + GOOD.replace("APP", '"b"'))
    project.up()
    assert project.done()[before:] == ["delete Deployment/run", "create Deployment/run"]

    twice = 'kubernetes.core.v1.Namespace("twice", metadata={"name": "ml"}, opts=after(space))\n'
    project.program(PROGRAM + GOOD.replace("APP", '"b"') + twice)
    assert 'Namespace "ml" already exists in this cluster' in project.up(fails=True)

    project.destroy()
    assert project.resources() == {}
