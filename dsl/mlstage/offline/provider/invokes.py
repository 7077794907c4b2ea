"""Look-ups: what the stand-in answers to `aws.get_…` functions. It has no account to ask, so it answers plausibly."""

# ruff: noqa: ARG001 - every look-up gets arguments and settings
from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, Final

from mlstage.offline.provider.computed import ACCOUNT, Settings
from mlstage.offline.provider.policy_document import PolicyError, policy_document

_ZONES: Final = "abc"


class InvokeError(Exception):
    """A look-up that cannot be answered."""


def answer(token: str, arguments: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """Give a look-up's result, the arguments included. Raises `InvokeError`."""
    if token not in _ANSWERS:
        raise InvokeError(
            f"the stand-in AWS provider does not answer {token}, since it has no AWS account to look things up in;"
            " pass the value as configuration, or run this stack against AWS"
        )
    region = arguments.get("region") or settings.region
    try:
        result = _ANSWERS[token](arguments, Settings(region, settings.default_tags))
    except PolicyError as error:
        raise InvokeError(str(error)) from error
    return {"region": region, **arguments, **result}


def _caller_identity(arguments: dict[str, Any], settings: Settings) -> dict[str, Any]:
    arn = f"arn:{settings.partition}:iam::{ACCOUNT}:user/offline"
    return {"accountId": ACCOUNT, "arn": arn, "id": ACCOUNT, "userId": "AIDAOFFLINEOFFLINE00"}


def _region(arguments: dict[str, Any], settings: Settings) -> dict[str, Any]:
    name = arguments.get("name") or settings.region
    endpoint = f"ec2.{name}.{_suffix(settings)}"
    return {"name": name, "id": name, "region": name, "description": name, "endpoint": endpoint}


def _partition(arguments: dict[str, Any], settings: Settings) -> dict[str, Any]:
    suffix = _suffix(settings)
    prefix = ".".join(reversed(suffix.split(".")))
    return {"partition": settings.partition, "id": settings.partition, "dnsSuffix": suffix, "reverseDnsPrefix": prefix}


def _zones(arguments: dict[str, Any], settings: Settings) -> dict[str, Any]:
    names = [f"{settings.region}{letter}" for letter in _ZONES]
    excluded = {*arguments.get("excludeNames", []), *arguments.get("excludeZoneIds", [])}
    kept = [name for name in names if name not in excluded and _zone_id(name) not in excluded]
    ids = [_zone_id(name) for name in kept]
    return {"names": kept, "zoneIds": ids, "groupNames": [settings.region], "id": settings.region}


def _zone(arguments: dict[str, Any], settings: Settings) -> dict[str, Any]:
    name = arguments.get("name") or f"{settings.region}a"
    return {
        "name": name,
        "id": name,
        "zoneId": _zone_id(name),
        "nameSuffix": name[-1],
        "groupName": settings.region,
        "groupLongName": settings.region,
        "networkBorderGroup": settings.region,
        "optInStatus": "opt-in-not-required",
        "state": "available",
        "zoneType": "availability-zone",
        "parentZoneId": "",
        "parentZoneName": "",
    }


def _policy(arguments: dict[str, Any], settings: Settings) -> dict[str, Any]:
    text = policy_document(arguments)
    return {"json": text, "minifiedJson": _minified(text), "id": _letters("policy", text, digits=10)}


def _parameter(arguments: dict[str, Any], settings: Settings) -> dict[str, Any]:
    name = str(arguments.get("name", ""))
    # AWS publishes machine images under these public names; any other parameter is the user's own, and unknown here.
    if not name.startswith("/aws/service/"):
        raise InvokeError(
            f"the stand-in AWS provider does not know the parameter {name!r}, only AWS's public ones: /aws/service/…"
        )
    value = f"ami-{_letters(settings.region, name)}" if "ami" in name or "image" in name else _letters(name)
    arn = f"arn:{settings.partition}:ssm:{settings.region}::parameter{name}"
    return {"arn": arn, "id": name, "type": "String", "value": value, "insecureValue": value, "version": 1}


def _vpc(arguments: dict[str, Any], settings: Settings) -> dict[str, Any]:
    vpc = arguments.get("id") or f"vpc-{_letters(settings.region, 'vpc')}"
    return {
        "id": vpc,
        "arn": f"arn:{settings.partition}:ec2:{settings.region}:{ACCOUNT}:vpc/{vpc}",
        "cidrBlock": arguments.get("cidrBlock") or "172.31.0.0/16",
        "cidrBlockAssociations": [],
        "default": bool(arguments.get("default", False)),
        "dhcpOptionsId": f"dopt-{_letters(vpc, 'dhcp')}",
        "enableDnsHostnames": True,
        "enableDnsSupport": True,
        "enableNetworkAddressUsageMetrics": False,
        "instanceTenancy": "default",
        "ipv6AssociationId": "",
        "ipv6CidrBlock": "",
        "mainRouteTableId": f"rtb-{_letters(vpc, 'main')}",
        "ownerId": ACCOUNT,
        "state": "available",
        "tags": arguments.get("tags", {}),
    }


def _subnets(arguments: dict[str, Any], settings: Settings) -> dict[str, Any]:
    place = str(arguments.get("filters", "")) or settings.region
    ids = [f"subnet-{_letters(place, letter)}" for letter in _ZONES]
    return {"id": settings.region, "ids": ids, "tags": arguments.get("tags", {})}


def _subnet(arguments: dict[str, Any], settings: Settings) -> dict[str, Any]:
    subnet = arguments.get("id") or f"subnet-{_letters(settings.region, 'a')}"
    zone = arguments.get("availabilityZone") or f"{settings.region}a"
    return {
        "id": subnet,
        "arn": f"arn:{settings.partition}:ec2:{settings.region}:{ACCOUNT}:subnet/{subnet}",
        "availabilityZone": zone,
        "availabilityZoneId": _zone_id(zone),
        "availableIpAddressCount": 4091,
        "cidrBlock": arguments.get("cidrBlock") or "172.31.0.0/20",
        "defaultForAz": False,
        "mapPublicIpOnLaunch": False,
        "ownerId": ACCOUNT,
        "state": "available",
        "tags": arguments.get("tags", {}),
        "vpcId": arguments.get("vpcId") or f"vpc-{_letters(settings.region, 'vpc')}",
    }


def _security_group(arguments: dict[str, Any], settings: Settings) -> dict[str, Any]:
    group = arguments.get("id") or f"sg-{_letters(settings.region, str(arguments.get('name', 'default')))}"
    return {
        "id": group,
        "arn": f"arn:{settings.partition}:ec2:{settings.region}:{ACCOUNT}:security-group/{group}",
        "description": "",
        "name": arguments.get("name") or "default",
        "tags": arguments.get("tags", {}),
        "vpcId": arguments.get("vpcId") or f"vpc-{_letters(settings.region, 'vpc')}",
    }


def _ami(arguments: dict[str, Any], settings: Settings) -> dict[str, Any]:
    ami = f"ami-{_letters(settings.region, str(sorted(arguments.items(), key=str)))}"
    owner = next(iter(arguments.get("owners", [])), "amazon")
    return {
        "id": ami,
        "imageId": ami,
        "arn": f"arn:{settings.partition}:ec2:{settings.region}::image/{ami}",
        "architecture": "x86_64",
        "name": ami,
        "ownerId": owner,
        "rootDeviceName": "/dev/xvda",
        "rootDeviceType": "ebs",
        "state": "available",
        "virtualizationType": "hvm",
        "tags": {},
    }


def _cluster(arguments: dict[str, Any], settings: Settings) -> dict[str, Any]:
    name = str(arguments["name"])
    key = _letters(name, "endpoint", digits=32)
    issuer = f"https://oidc.eks.{settings.region}.{_suffix(settings)}/id/{key.upper()}"
    return {
        "id": name,
        "arn": f"arn:{settings.partition}:eks:{settings.region}:{ACCOUNT}:cluster/{name}",
        "accessConfigs": [{"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False}],
        "certificateAuthorities": [{"data": _letters(name, "authority", digits=32)}],
        "computeConfigs": [{"enabled": True, "nodePools": ["general-purpose", "system"], "nodeRoleArn": ""}],
        "enabledClusterLogTypes": [],
        "endpoint": f"https://{key}.gr7.{settings.region}.eks.{_suffix(settings)}",
        "identities": [{"oidcs": [{"issuer": issuer}]}],
        "kubernetesNetworkConfigs": [{"ipFamily": "ipv4", "serviceIpv4Cidr": "172.20.0.0/16", "serviceIpv6Cidr": ""}],
        "roleArn": f"arn:{settings.partition}:iam::{ACCOUNT}:role/{name}",
        "status": "ACTIVE",
        "tags": {},
        "vpcConfig": {
            "clusterSecurityGroupId": f"sg-{_letters(settings.region, name)}",
            "endpointPrivateAccess": True,
            "endpointPublicAccess": True,
            "publicAccessCidrs": ["0.0.0.0/0"],
            "securityGroupIds": [],
            "subnetIds": [f"subnet-{_letters(name, letter)}" for letter in _ZONES],
            "vpcId": f"vpc-{_letters(settings.region, 'vpc')}",
        },
    }


def _default_tags(arguments: dict[str, Any], settings: Settings) -> dict[str, Any]:
    return {"id": settings.partition, "tags": dict(settings.default_tags)}


def _service_principal(arguments: dict[str, Any], settings: Settings) -> dict[str, Any]:
    name = f"{arguments['serviceName']}.{_suffix(settings)}"
    return {"id": f"{name}.{settings.region}", "name": name, "suffix": _suffix(settings)}


def _suffix(settings: Settings) -> str:
    return "amazonaws.com.cn" if settings.partition == "aws-cn" else "amazonaws.com"


def _zone_id(zone: str) -> str:
    area, place, number = [*zone[:-1].split("-"), "", ""][:3]
    directions = "".join(word[0] for word in ("north", "south", "central", "east", "west") if word in place)
    return f"{area}{directions}{number}-az{_ZONES.find(zone[-1]) + 1}"


def _minified(text: str) -> str:
    import json

    return json.dumps(json.loads(text), separators=(",", ":"))


def _letters(*parts: str, digits: int = 17) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:digits]


_ANSWERS: Final[dict[str, Callable[[dict[str, Any], Settings], dict[str, Any]]]] = {
    "aws:ec2/getAmi:getAmi": _ami,
    "aws:ec2/getSecurityGroup:getSecurityGroup": _security_group,
    "aws:ec2/getSubnet:getSubnet": _subnet,
    "aws:ec2/getSubnets:getSubnets": _subnets,
    "aws:ec2/getVpc:getVpc": _vpc,
    "aws:eks/getCluster:getCluster": _cluster,
    "aws:iam/getPolicyDocument:getPolicyDocument": _policy,
    "aws:index/getAvailabilityZone:getAvailabilityZone": _zone,
    "aws:index/getAvailabilityZones:getAvailabilityZones": _zones,
    "aws:index/getCallerIdentity:getCallerIdentity": _caller_identity,
    "aws:index/getDefaultTags:getDefaultTags": _default_tags,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getRegion:getRegion": _region,
    "aws:index/getServicePrincipal:getServicePrincipal": _service_principal,
    "aws:ssm/getParameter:getParameter": _parameter,
}
