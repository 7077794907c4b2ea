"""EKS: clusters in Auto Mode, and access entries, add-ons and pod identities, which moto has none of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from tests.terraform.answers import added, wrap

# What a cluster answers as it was asked for.
_ASKED: Final = ("accessConfig", "computeConfig", "storageConfig", "upgradePolicy", "zonalShiftConfig")
_MADE: Final = datetime(2026, 11, 1, tzinfo=UTC)


@added(
    "eks:CreateCluster",
    "moto forgets Auto Mode, access, upgrades and zonal shift; of the network it forgets the balancing and answers the"
    " request. This one also makes and deletes the cluster's security group, as AWS does",
)
def _clusters() -> None:
    from moto.ec2.models import ec2_backends
    from moto.eks.models import EKSBackend
    from moto.eks.responses import EKSResponse

    def created(theirs: Any, response: Any) -> Any:
        answer = theirs(response)
        cluster = answer.result["cluster"]
        for member in _ASKED:
            setattr(cluster, member, response._get_param(member))
        network = response._get_param("kubernetesNetworkConfig") or {}
        cluster.kubernetes_network_config = {"serviceIpv4Cidr": "172.20.0.0/16", "ipFamily": "ipv4", **network}
        machines = ec2_backends[response.current_account][response.region]
        asked = cluster.resources_vpc_config
        vpc = machines.get_subnet(asked["subnetIds"][0]).vpc_id
        name = f"eks-cluster-sg-{cluster.name}"
        group = machines.create_security_group(name, "EKS created security group", vpc_id=vpc)
        cluster.resources_vpc_config = {
            "endpointPublicAccess": True,
            "endpointPrivateAccess": False,
            "publicAccessCidrs": ["0.0.0.0/0"],
            **asked,
            "vpcId": vpc,
            "clusterSecurityGroupId": group.id,
        }
        return answer

    def deleted(theirs: Any, backend: Any, name: str) -> Any:
        cluster = theirs(backend, name)
        machines = ec2_backends[backend.account_id][backend.region_name]
        machines.delete_security_group(group_id=cluster.resources_vpc_config["clusterSecurityGroupId"])
        return cluster

    wrap(EKSResponse, "create_cluster", created)
    wrap(EKSBackend, "delete_cluster", deleted)


def _answer(part: str, *answers: Any) -> None:
    """Have EKS answer under a part of its paths."""
    from moto.eks.responses import EKSResponse
    from moto.eks.urls import url_paths

    for path in (part, f"{part}/(?P<rest>.+)"):
        url_paths[f"{{0}}/clusters/(?P<name>[^/]+)/{path}$"] = EKSResponse.dispatch
    for answer in answers:
        setattr(EKSResponse, answer.__name__, answer)


def _of(response: Any, kind: str) -> dict[str, Any]:
    """Give the cluster's things of a kind, by their name."""
    cluster = response.eks_backend.describe_cluster(response._get_param("name"))
    found: dict[str, Any] = cluster.__dict__.setdefault(kind, {})
    return found


def _one(response: Any, kind: str, name: str) -> Any:
    from moto.eks.exceptions import ResourceNotFoundException

    found = _of(response, kind)
    if name not in found:
        cluster = response._get_param("name")
        raise ResourceNotFoundException(clusterName=cluster, message=f"{cluster} has no {kind} {name}")
    return found[name]


def _arn(response: Any, kind: str, *rest: str) -> str:
    path = "/".join((response._get_param("name"), *rest))
    return f"arn:aws:eks:{response.region}:{response.current_account}:{kind}/{path}"


@added("eks:CreateAccessEntry", "moto has no access entries: these are made and deleted, with their policies")
def _access() -> None:
    from moto.core.responses import ActionResult, EmptyResult

    def create_access_entry(response: Any) -> Any:
        principal = response._get_param("principalArn")
        entry = {
            "clusterName": response._get_param("name"),
            "principalArn": principal,
            "kubernetesGroups": response._get_param("kubernetesGroups") or [],
            "accessEntryArn": _arn(response, "access-entry", *principal.rpartition(":")[2].split("/"), "made"),
            "createdAt": _MADE,
            "modifiedAt": _MADE,
            "tags": response._get_param("tags") or {},
            "username": response._get_param("username") or principal,
            "type": response._get_param("type") or "STANDARD",
        }
        _of(response, "access_entries")[principal] = entry
        return ActionResult({"accessEntry": entry})

    def describe_access_entry(response: Any) -> Any:
        return ActionResult({"accessEntry": _one(response, "access_entries", response._get_param("principalArn"))})

    def delete_access_entry(response: Any) -> Any:
        principal = response._get_param("principalArn")
        _one(response, "access_entries", principal)
        del _of(response, "access_entries")[principal]
        _of(response, "access_policies").pop(principal, None)
        return EmptyResult()

    def policies(response: Any) -> dict[str, Any]:
        principal = response._get_param("principalArn")
        _one(response, "access_entries", principal)
        found: dict[str, Any] = _of(response, "access_policies").setdefault(principal, {})
        return found

    def associate_access_policy(response: Any) -> Any:
        policy, scope = response._get_param("policyArn"), response._get_param("accessScope")
        scope = {"namespaces": [], **scope}
        told = {"policyArn": policy, "accessScope": scope, "associatedAt": _MADE, "modifiedAt": _MADE}
        policies(response)[policy] = told
        named = {"clusterName": response._get_param("name"), "principalArn": response._get_param("principalArn")}
        return ActionResult({**named, "associatedAccessPolicy": told})

    def list_associated_access_policies(response: Any) -> Any:
        named = {"clusterName": response._get_param("name"), "principalArn": response._get_param("principalArn")}
        return ActionResult({**named, "associatedAccessPolicies": [*policies(response).values()]})

    def disassociate_access_policy(response: Any) -> Any:
        policies(response).pop(response._get_param("policyArn"), None)
        return EmptyResult()

    _answer("access-entries", create_access_entry, describe_access_entry, delete_access_entry)
    _answer("access-entries", associate_access_policy, list_associated_access_policies, disassociate_access_policy)


def _identity(response: Any, asked: dict[str, Any], owner: str | None = None) -> dict[str, Any]:
    """Note a pod identity of the cluster."""
    kept = _of(response, "pod_identities")
    number = f"a-{len(kept):017x}"
    made = {
        "clusterName": response._get_param("name"),
        "namespace": asked["namespace"],
        "serviceAccount": asked["serviceAccount"],
        "roleArn": asked["roleArn"],
        "associationArn": _arn(response, "podidentityassociation", number),
        "associationId": number,
        "tags": asked.get("tags") or {},
        "createdAt": _MADE,
        "modifiedAt": _MADE,
        "ownerArn": owner,
        "disableSessionTags": False,
    }
    kept[number] = made
    return made


@added("eks:CreatePodIdentityAssociation", "moto has no pod identities: these are made, changed and deleted")
def _pod_identities() -> None:
    from moto.core.responses import ActionResult

    def create_pod_identity_association(response: Any) -> Any:
        members = ("namespace", "serviceAccount", "roleArn", "tags")
        asked = {member: response._get_param(member) for member in members}
        return ActionResult({"association": _identity(response, asked)})

    def describe_pod_identity_association(response: Any) -> Any:
        return ActionResult({"association": _one(response, "pod_identities", response._get_param("associationId"))})

    def update_pod_identity_association(response: Any) -> Any:
        made = _one(response, "pod_identities", response._get_param("associationId"))
        made["roleArn"] = response._get_param("roleArn") or made["roleArn"]
        return ActionResult({"association": made})

    def delete_pod_identity_association(response: Any) -> Any:
        made = _one(response, "pod_identities", response._get_param("associationId"))
        made = _of(response, "pod_identities").pop(made["associationId"])
        return ActionResult({"association": made})

    _answer(
        "pod-identity-associations",
        create_pod_identity_association,
        describe_pod_identity_association,
        update_pod_identity_association,
        delete_pod_identity_association,
    )


@added("eks:CreateAddon", "moto has no add-ons: these are active at once, with their pod identities, and deleted")
def _addons() -> None:
    from moto.core.responses import ActionResult

    def create_addon(response: Any) -> Any:
        name = response._get_param("addonName")
        arn = _arn(response, "addon", name, "made")
        asked = response._get_param("podIdentityAssociations") or []
        made = [_identity(response, {**one, "namespace": name}, arn)["associationArn"] for one in asked]
        addon = {
            "addonName": name,
            "clusterName": response._get_param("name"),
            "status": "ACTIVE",
            "addonVersion": response._get_param("addonVersion") or "v1.0.0-eksbuild.1",
            "health": {"issues": []},
            "addonArn": arn,
            "createdAt": _MADE,
            "modifiedAt": _MADE,
            "serviceAccountRoleArn": response._get_param("serviceAccountRoleArn"),
            "tags": response._get_param("tags") or {},
            "configurationValues": response._get_param("configurationValues"),
            "podIdentityAssociations": made,
        }
        _of(response, "addons")[name] = addon
        return ActionResult({"addon": addon})

    def describe_addon(response: Any) -> Any:
        return ActionResult({"addon": _one(response, "addons", response._get_param("addonName"))})

    def delete_addon(response: Any) -> Any:
        addon = _one(response, "addons", response._get_param("addonName"))
        del _of(response, "addons")[addon["addonName"]]
        for arn in addon["podIdentityAssociations"]:
            _of(response, "pod_identities").pop(arn.rpartition("/")[2], None)
        return ActionResult({"addon": {**addon, "status": "DELETING"}})

    _answer("addons", create_addon, describe_addon, delete_addon)
