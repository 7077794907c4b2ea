"""Objects of Kubernetes in Terraform plans: of types of its provider's own, and written as manifests.

mlstage itself gives Kubernetes manifests, and Terraform none of its objects, so that the vocabulary has no Terraform
types for them. The provider's types spell the properties of a manifest in snake case, with blocks for what is an object
or a list of objects; lists that people write item by item are in the singular there. They come with and without the
version of their API: https://registry.terraform.io/providers/hashicorp/kubernetes/latest/docs
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any, Final

from mlstage.graph import VOCABULARY, TypeInfo, Value
from mlstage.graph.manifests import kind_of
from mlstage.graph.properties import Kind, Property, UnknownProperty, by_terraform_name, path_in, properties_of
from mlstage.rules.views.documents import frozen

_TYPES: Final[Mapping[str, str]] = {
    "kubernetes_cluster_role": "rbac.v1.ClusterRole",
    "kubernetes_cluster_role_binding": "rbac.v1.ClusterRoleBinding",
    "kubernetes_config_map": "core.v1.ConfigMap",
    "kubernetes_cron_job": "batch.v1.CronJob",
    "kubernetes_daemon_set": "apps.v1.DaemonSet",
    "kubernetes_daemonset": "apps.v1.DaemonSet",
    "kubernetes_deployment": "apps.v1.Deployment",
    "kubernetes_horizontal_pod_autoscaler": "autoscaling.v2.HorizontalPodAutoscaler",
    "kubernetes_ingress": "networking.v1.Ingress",
    "kubernetes_job": "batch.v1.Job",
    "kubernetes_namespace": "core.v1.Namespace",
    "kubernetes_persistent_volume_claim": "core.v1.PersistentVolumeClaim",
    "kubernetes_pod": "core.v1.Pod",
    "kubernetes_pod_disruption_budget": "policy.v1.PodDisruptionBudget",
    "kubernetes_role": "rbac.v1.Role",
    "kubernetes_role_binding": "rbac.v1.RoleBinding",
    "kubernetes_secret": "core.v1.Secret",
    "kubernetes_service": "core.v1.Service",
    "kubernetes_service_account": "core.v1.ServiceAccount",
    "kubernetes_stateful_set": "apps.v1.StatefulSet",
    "kubernetes_storage_class": "storage.v1.StorageClass",
}
# Types that hold a manifest, and where: as an object, or as YAML.
_AS_OBJECT: Final = ("kubernetes_manifest", "manifest")
_AS_YAML: Final = ("kubectl_manifest", "yaml_body_parsed")
_VERSION: Final = re.compile(r"_v\d+((alpha|beta)\d+)?$")
_SINGULAR: Final[Mapping[str, str]] = {
    "containers": "container",
    "http_headers": "http_header",
    "init_containers": "init_container",
    "metrics": "metric",
    "node_selector_terms": "node_selector_term",
    "paths": "path",
    "policies": "policy",
    "ports": "port",
    "readiness_gates": "readiness_gate",
    "rules": "rule",
    "subjects": "subject",
    "tolerations": "toleration",
    "topology_spread_constraints": "topology_spread_constraint",
    "volume_claim_templates": "volume_claim_template",
    "volume_devices": "volume_device",
    "volume_mounts": "volume_mount",
    "volumes": "volume",
}
_OTHERWISE: Final[Mapping[str, str]] = {"provisioner": "storage_provisioner"}


def object_of(terraform: str, values: Mapping[str, Any]) -> TypeInfo | None:
    """Find the kind of object that a resource of a type of Terraform's is; None if it is none that rules know."""
    if manifest := _manifest(terraform, values):
        return kind_of(manifest)
    path = _TYPES.get(_VERSION.sub("", terraform))
    return VOCABULARY[f"kubernetes.{path}"] if path else None


def held(terraform: str, values: Mapping[str, Any], read: Mapping[str, Value]) -> Mapping[str, Value] | None:
    """Give the properties of an object that a resource holds as a manifest; None if it holds none.

    `read` are its properties as they were read from the plan, with references in the place of what is not known.
    """
    info, known = object_of(terraform, values), read.get(_AS_OBJECT[1])
    if info is None or not is_manifest(terraform):
        return None
    content = known if isinstance(known, Mapping) else frozen(_manifest(terraform, values))
    found = _named(content, properties_of(info.name))
    assert isinstance(found, Mapping)
    return found


def is_manifest(terraform: str) -> bool:
    """Say whether a type holds a manifest, whose properties are called as in Kubernetes itself."""
    return terraform in (_AS_OBJECT[0], _AS_YAML[0])


def object_path(type_name: str, path: str, address: str) -> str:
    """Translate a path into an object's properties to what the resource at an address has: blocks, or a manifest."""
    as_manifest = next((at for kind, at in (_AS_OBJECT, _AS_YAML) if f".{kind}." in f".{address}"), "")
    known = properties_of(type_name) if as_manifest else provider_properties(type_name)
    written = _path(known, path)
    return f"{as_manifest}.{written}" if as_manifest else written


def _path(known: Mapping[str, Property], path: str) -> str:
    """Translate as much of a path as consists of properties: keys of the author's own stand behind it."""
    names = path.split(".")
    for position in range(len(names), 0, -1):
        try:
            return ".".join([path_in(known, ".".join(names[:position]), path), *names[position:]])
        except UnknownProperty:
            continue
    return path


@cache
def provider_properties(type_name: str) -> Mapping[str, Property]:
    """Give the properties of a kind of object as the provider's own type has them, by Pulumi's names."""
    return _as_blocks(properties_of(type_name), {})


def _as_blocks(known: Mapping[str, Property], done: dict[int, dict[str, Property]]) -> Mapping[str, Property]:
    """Turn objects into blocks; what holds itself somewhere is turned once."""
    if id(known) in done:
        return done[id(known)]
    found = done[id(known)] = {}
    blocks: Mapping[Kind, Kind] = {"object": "block", "objects": "blocks"}
    for name, one in known.items():
        kind = blocks.get(one.kind, one.kind)
        called = _SINGULAR.get(name, name) if kind == "blocks" else _OTHERWISE.get(name, name)
        found[name] = replace(one, terraform=called, kind=kind, inside=_as_blocks(one.inside, done))
    return found


def _manifest(terraform: str, values: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if terraform == _AS_OBJECT[0]:
        found = values.get(_AS_OBJECT[1])
    elif terraform == _AS_YAML[0] and isinstance(values.get(_AS_YAML[1]), str):
        found = _parsed(values[_AS_YAML[1]])
    else:
        return None
    return found if isinstance(found, Mapping) else None


@cache
def _parsed(text: str) -> Any:
    import yaml

    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None


def _named(value: Value, known: Mapping[str, Property]) -> Value:
    """Call the properties of a manifest by Pulumi's names."""
    if isinstance(value, tuple):
        return tuple(_named(item, known) for item in value)
    if not isinstance(value, Mapping) or not known:
        return value
    names = by_terraform_name(known)
    return {
        names[key].name: _named(item, names[key].inside)
        for key, item in value.items()
        if key in names and item is not None
    }
