"""The stand-in for Pulumi's Kubernetes provider: checks objects, keeps them per cluster, and starts nothing.

Of what a real cluster does, it does what matters for the order of things: an object needs its namespace, and a pod its
service account; two objects cannot have one name; a namespace takes with it whatever is in it.
"""

# ruff: noqa: ARG002 - gRPC fixes the arguments of every method
from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, Final

from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import plugin_pb2, provider_pb2

from mlstage.graph.vocabulary import by_token
from mlstage.offline.provider import check, servicer
from mlstage.offline.provider.schema import KUBERNETES, ResourceType, package_version
from mlstage.offline.provider.servicer import StandIn, kind_of_urn, name_of_urn, refuse
from mlstage.offline.provider.values import UNKNOWN, camel_case, decode, differences, encode
from mlstage.offline.provider.world import Thing, World

_NAMESPACE: Final = "kubernetes:core/v1:Namespace"
_ACCOUNT: Final = "kubernetes:core/v1:ServiceAccount"
# Which every cluster has.
_GIVEN_NAMESPACES: Final = frozenset({"default", "kube-system", "kube-public", "kube-node-lease"})
_GIVEN_ACCOUNT: Final = "default"
_AUTONAMED: Final = "pulumi.com/autonamed"
# Kinds that belong to the whole cluster.
_OF_CLUSTER: Final = frozenset(
    {
        "APIService",
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "EC2NodeClass",
        "IngressClass",
        "Namespace",
        "Node",
        "NodeClass",
        "NodePool",
        "PersistentVolume",
        "PriorityClass",
        "RuntimeClass",
        "StorageClass",
    }
)


class KubernetesStandIn(StandIn):
    """One configured Kubernetes provider: one cluster."""

    package = KUBERNETES
    cluster = ""
    namespace = "default"

    # Set-up

    async def GetPluginInfo(self, request: Empty, context: Any) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=package_version(KUBERNETES))

    async def Configure(self, request: Any, context: Any) -> Any:
        values = decode(request.args)
        told = str(values.get("clusterIdentifier") or values.get("kubeconfig") or "")
        self.cluster = hashlib.sha256(told.encode()).hexdigest()[:12]
        self.namespace = str(values.get("namespace") or "default")
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    # Objects

    async def Check(self, request: Any, context: Any) -> Any:
        kind = await kind_of_urn(request.urn, context, missing_is_failure=True)
        if kind is None:
            failure = provider_pb2.CheckFailure(reason=check.unknown_type(servicer.token_of_urn(request.urn)))
            return provider_pb2.CheckResponse(inputs=request.news, failures=[failure])
        inputs = decode(request.news)
        found = [*check.faults(kind, inputs), *_of_another_type(kind, inputs)]
        if found:
            failures = [provider_pb2.CheckFailure(reason=fault) for fault in found]
            return provider_pb2.CheckResponse(inputs=request.news, failures=failures)
        named = _with_name(inputs, name_of_urn(request.urn), decode(request.olds), request.randomSeed)
        return provider_pb2.CheckResponse(inputs=encode(named))

    async def Diff(self, request: Any, context: Any) -> Any:
        kind = await kind_of_urn(request.urn, context)
        old, new = servicer.old_inputs(kind, request), decode(request.news)
        replacing = _replacing(kind.token)
        detailed, replaces = {}, []
        for path, change in differences(old, new):
            replaced = any(path == one or path.startswith((f"{one}.", f"{one}[")) for one in replacing)
            detailed[path] = provider_pb2.PropertyDiff(kind=servicer.KINDS[change, replaced], inputDiff=True)
            replaces += [path] if replaced else []
        same_name = _identity(old, self.namespace, kind) == _identity(new, self.namespace, kind)
        some, none = provider_pb2.DiffResponse.DIFF_SOME, provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(
            changes=some if detailed else none,
            diffs=list(dict.fromkeys(path.partition(".")[0].partition("[")[0] for path in detailed)),
            replaces=replaces,
            # An author's name is taken until the old object is gone.
            deleteBeforeReplace=bool(replaces) and same_name,
            detailedDiff=detailed,
            hasDetailedDiff=True,
        )

    async def Create(self, request: Any, context: Any) -> Any:
        kind = await kind_of_urn(request.urn, context)
        inputs = decode(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=encode(_previewed(kind, inputs)))
        world, urn = self._world(request.urn), request.urn
        thing_id = _identity(inputs, self.namespace, kind)
        with world.held():
            thing = Thing(0, urn, kind.token, thing_id, self.cluster, servicer.digest(inputs), world.times_made(urn))
            existing = self._find(world, kind.token, thing_id)
            if existing is not None and (existing.urn, existing.inputs) == (urn, thing.inputs):
                world.note("create-again", name_of_urn(urn), existing)  # made by a run that was killed
            else:
                refusal = next(self._refusals(world, kind, inputs, thing_id), None)
                if refusal is not None:
                    world.note("create", name_of_urn(urn), thing, refusal)
                    await refuse(context, refusal)
                world.add(thing, name_of_urn(urn))
        return provider_pb2.CreateResponse(id=thing_id, properties=encode(_created(inputs, thing_id)))

    async def Update(self, request: Any, context: Any) -> Any:
        kind = await kind_of_urn(request.urn, context)
        inputs, old = decode(request.news), decode(request.olds)
        status = {"status": old["status"]} if "status" in old else {}
        properties = {**inputs, **status}
        if request.preview:
            return provider_pb2.UpdateResponse(properties=encode(properties))
        world = self._world(request.urn)
        with world.held():
            new = Thing(0, request.urn, kind.token, request.id, self.cluster, servicer.digest(inputs), 0)
            existing = self._find(world, kind.token, request.id)
            if existing is not None:
                world.change(existing, new, name_of_urn(request.urn))
            else:
                world.add(new, name_of_urn(request.urn), "update")
        return provider_pb2.UpdateResponse(properties=encode(properties))

    async def Delete(self, request: Any, context: Any) -> Empty:
        kind = await kind_of_urn(request.urn, context)
        world, name = self._world(request.urn), name_of_urn(request.urn)
        with world.held():
            existing = self._find(world, kind.token, request.id)
            if existing is None:
                gone = Thing(0, request.urn, kind.token, request.id, self.cluster, "", 0)
                world.note("delete", name, gone)
                return Empty()
            world.remove(existing, name)
            if kind.token == _NAMESPACE:
                for thing in self._inside(world, request.id):
                    world.remove(thing, name_of_urn(thing.urn))
        return Empty()

    async def Read(self, request: Any, context: Any) -> Any:
        kind = await kind_of_urn(request.urn, context)
        properties, inputs = decode(request.properties), decode(request.inputs)
        if not properties:  # `Service.get(…)`: the stand-in's cluster has whatever is asked for
            namespace, _, name = request.id.rpartition("/")
            inputs = {"metadata": {"name": name, **({"namespace": namespace} if namespace else {})}}
            properties = _created(inputs, request.id)
        world = self._world(request.urn)
        with world.held():
            gone = world.is_gone(kind.token, request.id) and self._find(world, kind.token, request.id) is None
        if gone:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(id=request.id, properties=encode(properties), inputs=encode(inputs))

    async def Invoke(self, request: Any, context: Any) -> Any:
        await refuse(context, f"the stand-in Kubernetes provider does not answer {request.tok}: it has no cluster")

    # The cluster

    def _find(self, world: World, token: str, thing_id: str) -> Thing | None:
        found = (one for one in world.things(token) if (one.id, one.region) == (thing_id, self.cluster))
        return next(found, None)

    def _inside(self, world: World, namespace: str) -> list[Thing]:
        return [one for one in world.everything() if one.region == self.cluster and one.id.startswith(f"{namespace}/")]

    def _refusals(self, world: World, kind: ResourceType, inputs: dict[str, Any], thing_id: str) -> Iterator[str]:
        """Say what a cluster would: with the words of its API, as far as they help."""
        what = kind.token.rpartition(":")[2]
        if self._find(world, kind.token, thing_id) is not None:
            yield f'{what} "{thing_id}" already exists in this cluster'
        namespace, _, _ = thing_id.rpartition("/")
        missing = namespace and namespace not in _GIVEN_NAMESPACES and not self._find(world, _NAMESPACE, namespace)
        if missing:
            yield f'namespaces "{namespace}" not found: make the namespace before {what} "{thing_id}"'
        account = _service_account(inputs.get("spec"))
        if account and account != _GIVEN_ACCOUNT and not self._find(world, _ACCOUNT, f"{namespace}/{account}"):
            yield f'pods of {what} "{thing_id}" are forbidden: serviceaccount "{namespace}/{account}" not found'


def _of_another_type(kind: ResourceType, inputs: dict[str, Any]) -> Iterator[str]:
    _, api, name = kind.token.split(":")
    said = inputs.get("kind")
    if isinstance(said, str) and said != name:
        yield f"kind: {said} is not the kind of {kind.token}"
    version = inputs.get("apiVersion")
    if isinstance(version, str) and version != api and version != api.removeprefix("core/"):
        yield f"apiVersion: {version} is not the version of {kind.token}"


def _with_name(inputs: dict[str, Any], logical: str, old: dict[str, Any], seed: bytes) -> dict[str, Any]:
    """Name an object that its author did not, as the real provider does, and keep that name."""
    metadata = inputs.get("metadata")
    if metadata is UNKNOWN:
        return inputs
    metadata = metadata if isinstance(metadata, dict) else {}
    if "name" in metadata or "generateName" in metadata:
        return inputs
    before = old.get("metadata")
    before = before if isinstance(before, dict) else {}
    kept = before.get("name") if _AUTONAMED in before.get("annotations", {}) else None
    made = hashlib.sha256(seed + b"\0" + logical.encode()).hexdigest()[:8]
    annotations = {**metadata.get("annotations", {}), _AUTONAMED: "true"}
    return {**inputs, "metadata": {**metadata, "name": kept or f"{logical}-{made}", "annotations": annotations}}


def _identity(inputs: dict[str, Any], namespace: str, kind: ResourceType) -> str:
    """Give `namespace/name`, or the name alone of what belongs to the whole cluster."""
    metadata = inputs.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    name = str(metadata.get("name", ""))
    if kind.token.rpartition(":")[2] in _OF_CLUSTER:
        return name
    return f"{metadata.get('namespace', namespace)}/{name}"


def _replacing(token: str) -> tuple[str, ...]:
    known = by_token(token)
    if known is None:
        return ("metadata.name", "metadata.namespace")
    return tuple(camel_case(path) for path in sorted(known.replaces))


def _previewed(kind: ResourceType, inputs: dict[str, Any]) -> dict[str, Any]:
    return {**inputs, **({"status": UNKNOWN} if "status" in kind.outputs else {})}


def _created(inputs: dict[str, Any], thing_id: str) -> dict[str, Any]:
    """Give an object as the cluster has it: a load balancer gets a name in the network."""
    spec = inputs.get("spec")
    if isinstance(spec, dict) and spec.get("type") == "LoadBalancer":
        letters = hashlib.sha256(thing_id.encode()).hexdigest()[:16]
        host = f"k8s-{letters}.elb.offline.amazonaws.com"
        return {**inputs, "status": {"loadBalancer": {"ingress": [{"hostname": host}]}}}
    return {**inputs, "status": {}}


def _service_account(value: Any) -> str:
    """Find the service account that a pod inside an object's specification asks for."""
    if not isinstance(value, dict):
        return ""
    account = value.get("serviceAccountName")
    if isinstance(account, str):
        return account
    inner = (value.get(key) for key in ("jobTemplate", "template", "spec"))
    return next((found for one in inner if (found := _service_account(one))), "")
