"""What is read of the installed botocore and moto: data files only, no client is made."""

import gzip
import json
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any


def _folder(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"{package} is not installed: install the `dev` dependency group first")
    return Path(spec.origin).parent


def _json(path: Path) -> Any:
    return json.loads(gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes())


def name_of(package: str) -> str:
    """Return the package with its version, as sources name it."""
    return f"{package} {version(package)}"


@cache
def service_model(service: str) -> dict[str, Any]:
    """Return botocore's newest model of a service."""
    newest = max((_folder("botocore") / "data" / service).iterdir())
    model: dict[str, Any] = _json(newest / "service-2.json.gz")
    return model


def shape(service: str, name: str) -> dict[str, Any]:
    """Return one shape of a service's model."""
    try:
        found: dict[str, Any] = service_model(service)["shapes"][name]
    except KeyError:
        raise SystemExit(f"{name_of('botocore')} has no shape {name} in {service}: AWS renamed or removed it") from None
    return found


def partitions() -> list[dict[str, Any]]:
    """Return botocore's list of AWS partitions."""
    found: list[dict[str, Any]] = _json(_folder("botocore") / "data" / "partitions.json")["partitions"]
    return found


def instance_types() -> dict[str, dict[str, Any]]:
    """Return moto's dump of DescribeInstanceTypes, by type."""
    found: dict[str, dict[str, Any]] = _json(_folder("moto") / "ec2/resources/instance_types.json.gz")
    return found


def offerings() -> dict[str, set[str]]:
    """Return moto's dump of DescribeInstanceTypeOfferings: the types that each region offers."""
    folder = _folder("moto") / "ec2/resources/instance_type_offerings/region"
    return {
        path.name.removesuffix(".json.gz"): {offer["InstanceType"] for offer in _json(path)}
        for path in sorted(folder.iterdir())
    }
