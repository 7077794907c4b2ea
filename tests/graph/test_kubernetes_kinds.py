"""Kinds of Kubernetes in the vocabulary: as the installed package has them, as manifests, and read back."""

from __future__ import annotations

import importlib
import inspect
import re

import pytest

from mlstage.graph import VOCABULARY, Ref, Resource, TypeInfo, Value, by_token
from mlstage.graph.manifests import NoManifest, kind_of, manifest
from mlstage.graph.properties import OBJECTS_FILE, properties_of, table_text
from mlstage.offline.kubernetes_vocabulary import table
from mlstage.offline.provider.schema import KUBERNETES, all_tokens
from mlstage.readers.pulumi_values import read_properties

KINDS = [info for info in VOCABULARY.values() if info.kind]

LABELS = {"app.kubernetes.io/name": "scorer", "aNyCase": "kept"}
DEPLOYMENT = Resource(
    "scorer",
    "kubernetes.apps.v1.Deployment",
    {
        "metadata": {"name": "scorer", "labels": LABELS},
        "spec": {
            "selector": {"match_labels": LABELS},
            "template": {
                "metadata": {"labels": LABELS},
                "spec": {
                    "automount_service_account_token": False,
                    "host_ipc": False,
                    "containers": (
                        {
                            "name": "scorer",
                            "image": "example.org/scorer:1",
                            "resources": {"limits": {"nvidia.com/gpu": "1"}},
                            "ports": ({"container_port": 8080, "host_ip": "10.0.0.1"},),
                            "readiness_probe": {"http_get": {"path": "/ping", "port": "http"}},
                        },
                    ),
                },
            },
        },
    },
)
SERVICE = Resource("s", "kubernetes.core.v1.Service", {"spec": {"cluster_ips": ("None",), "external_ips": ()}})
POOL = Resource(
    "pool",
    "kubernetes.karpenter.v1.NodePool",
    {"metadata": {"name": "pool"}, "spec": {"disruption": {"consolidateAfter": "5m"}, "limits": {"cpu": "8"}}},
)


def test_the_table_is_what_the_installed_package_says() -> None:
    assert table() == table_text(OBJECTS_FILE), "run: python -m mlstage.offline.kubernetes_vocabulary --write"


@pytest.mark.parametrize("info", [one for one in KINDS if not one.custom], ids=lambda one: one.name)
def test_kinds_are_those_of_the_installed_package(info: TypeInfo) -> None:
    path, _, class_name = info.name.removeprefix("kubernetes.").rpartition(".")
    assert all_tokens(KUBERNETES)[info.token] == (path, class_name)
    source = inspect.getsource(getattr(importlib.import_module(f"pulumi_kubernetes.{path}"), class_name))
    said = dict(re.findall(r'__dict__\["(api_version|kind)"\] = \'(.+?)\'', source))
    assert said == {"api_version": info.api_version, "kind": info.kind}


@pytest.mark.parametrize("info", KINDS, ids=lambda one: one.name)
def test_what_replaces_an_object_is_a_property_of_it(info: TypeInfo) -> None:
    for path in info.replaces:
        known = properties_of(info.name)
        for name in path.split("."):
            assert name in known, f"{info.name}: {path}"
            known = known[name].inside


def test_a_manifest_has_the_spelling_of_kubernetes_and_keeps_the_author_s_own_words() -> None:
    written = manifest(DEPLOYMENT)
    pod = written["spec"]["template"]
    assert (written["apiVersion"], written["kind"]) == ("apps/v1", "Deployment")
    assert written["spec"]["selector"] == {"matchLabels": LABELS}
    assert pod["spec"]["containers"][0]["ports"] == [{"containerPort": 8080, "hostIP": "10.0.0.1"}]
    assert pod["spec"]["hostIPC"] is False
    assert manifest(SERVICE)["spec"] == {"clusterIPs": ["None"], "externalIPs": []}
    assert manifest(POOL) == {"apiVersion": "karpenter.sh/v1", "kind": "NodePool", **POOL.props}


@pytest.mark.parametrize("resource", [DEPLOYMENT, SERVICE, POOL], ids=lambda one: one.name)
def test_what_the_engine_has_of_an_object_is_read_as_the_graph_has_it(resource: Resource) -> None:
    info = VOCABULARY[resource.type]
    assert kind_of(manifest(resource)) is info
    assert by_token(info.token) is info
    assert read_properties(resource.type, manifest(resource)) == resource.props


@pytest.mark.parametrize("value", [Ref("role", "arn"), {"a": (Ref("role", "arn"),)}], ids=["alone", "inside"])
def test_a_manifest_cannot_hold_what_is_known_later(value: Value) -> None:
    resource = Resource("pool", "kubernetes.karpenter.v1.NodePool", {"spec": value})
    with pytest.raises(NoManifest, match=r"pool\.spec"):
        manifest(resource)
