"""What AWS is told by ARN, address or path: certificates, secrets, clusters, and whoever may call a service."""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import Annotated, Final

from pydantic import AfterValidator

from mlstage.spec.says import Says
from mlstage.spec.text import wrong

_CERTIFICATE: Final = re.compile(r"arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate/[0-9a-zA-Z-]{36}")
_SECRET: Final = re.compile(
    r"arn:aws[a-z-]*:(?:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+|ssm:[a-z0-9-]+:\d{12}:parameter/[\w./-]+)"
)
_GROUP: Final = re.compile(r"sg-[0-9a-f]{8,17}")

_ACM: Final = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-4e5f-6789-0a1b-2c3d4e5f6789"
_SECRETS_MANAGER: Final = "arn:aws:secretsmanager:us-east-1:123456789012:secret:fraud/token-AbCdEf"


def _certificate(text: str) -> str:
    if not _CERTIFICATE.fullmatch(text):
        raise wrong("SPEC104", f"{text!r} is no ARN of a certificate in ACM", f'"{_ACM}", for example')
    return text


def _secret(text: str) -> str:
    if not _SECRET.fullmatch(text):
        what = f"{text!r} is no ARN of a secret in Secrets Manager or of a parameter in SSM"
        why = "A secret's text never stands in a spec: it would be in the repository and in every program."
        raise wrong("SPEC104", what, f'"{_SECRETS_MANAGER}", for example', why)
    return text


_ROLE: Final = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+")
_ADMIN: Final = "arn:aws:iam::123456789012:role/ml-platform"


def _role(text: str) -> str:
    if not _ROLE.fullmatch(text):
        raise wrong("SPEC104", f"{text!r} is no ARN of an IAM role", f'"{_ADMIN}", for example')
    return text


def _cidr(text: str) -> str:
    try:
        network = ip_network(text)
    except ValueError as error:
        raise wrong("SPEC104", f"{text!r} is no IPv4 range: {error}", '"10.20.0.0/16", for example') from None
    if network.version != 4:
        raise wrong("SPEC104", f"{text!r} is no IPv4 range", '"10.20.0.0/16", for example')
    return text


def _http_path(text: str) -> str:
    if not re.fullmatch(r"/[\w./~%:@!$&'()*+,;=-]*", text) or len(text) > 1024:
        raise wrong("SPEC104", f"{text!r} is no path of a URL", '"/ping", for example')
    return text


# botocore 1.44.5, eks: ClusterName.
_CLUSTER: Final = re.compile(r"[0-9A-Za-z][A-Za-z0-9\-_]{0,99}")


def _cluster(text: str) -> str:
    if not _CLUSTER.fullmatch(text):
        raise wrong("SPEC104", f"{text!r} is no name of an EKS cluster", '"ml-platform", for example')
    return text


def _caller(text: str) -> str:
    if _GROUP.fullmatch(text):
        return text
    try:
        network = ip_network(text)
    except ValueError:
        network = None
    if network is None or network.version != 4:
        raise wrong("SPEC104", f"{text!r} is no IPv4 range and no security group", '"10.20.0.0/16", for example')
    return text


Cidr = Annotated[str, AfterValidator(_cidr), Says("an IPv4 range", '"10.20.0.0/16"')]
HttpPath = Annotated[str, AfterValidator(_http_path), Says("a path of a URL", '"/ping"')]
ClusterName = Annotated[str, AfterValidator(_cluster), Says("the name of an EKS cluster", '"ml-platform"')]
CertificateArn = Annotated[str, AfterValidator(_certificate), Says("the ARN of a certificate", f'"{_ACM}"')]
RoleArn = Annotated[str, AfterValidator(_role), Says("the ARN of an IAM role", f'"{_ADMIN}"')]
SecretArn = Annotated[str, AfterValidator(_secret), Says("the ARN of a secret", f'"{_SECRETS_MANAGER}"')]
Caller = Annotated[str, AfterValidator(_caller), Says("an IPv4 range or the id of a security group", '"10.20.0.0/16"')]
