"""What the installed `pulumi_aws` allows, one AWS service at a time; read by reflection once and kept on disk."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from mlstage.offline.cache import cache_dir, write_atomic
from mlstage.offline.provider.reflect import FORMAT, Shape

PACKAGE: Final = "pulumi_aws"


class SchemaError(Exception):
    """The installed `pulumi_aws` could not be read."""


@dataclass(frozen=True, slots=True)
class Field:
    """One input property. `replaces`: the documentation says that a change makes a new resource."""

    shape: Shape
    required: bool
    replaces: bool
    default: str | None


@dataclass(frozen=True, slots=True)
class Output:
    """One property that a resource has once it exists; an `optional` one may be absent."""

    shape: Shape
    optional: bool


@dataclass(frozen=True)
class ResourceType:
    """One resource type, with property names as they travel to the engine (camelCase)."""

    token: str
    inputs: dict[str, Field]
    outputs: dict[str, Output]
    types: dict[str, dict[str, Field]]

    @property
    def service(self) -> str:
        """The AWS service in Pulumi's naming: `sagemaker` of `aws:sagemaker/model:Model`."""
        return service_of(self.token)

    @property
    def taggable(self) -> bool:
        """Whether the provider merges its default tags into this type's `tagsAll`."""
        return "tags" in self.inputs and "tagsAll" in self.outputs


def service_of(token: str) -> str:
    """Give the service part of a token."""
    return token.split(":")[1].partition("/")[0]


@cache
def resource_type(token: str) -> ResourceType | None:
    """Find a resource type by its token, `None` if `pulumi_aws` has no such type."""
    if token not in all_tokens():
        return None
    document = _service(all_tokens()[token][0])
    described = document["resources"][token]
    return ResourceType(
        token=token,
        inputs=_fields(described["inputs"]),
        outputs={name: Output(*parts) for name, parts in described["outputs"].items()},
        types=_types(all_tokens()[token][0]),
    )


@cache
def all_tokens() -> dict[str, tuple[str, str]]:
    """Map every resource token of `pulumi_aws` to its module (`sagemaker`) and class name."""
    # The table of `pulumi_aws/__init__.py` is JSON; importing the package to get it would cost half a second.
    text = (_package_folder() / "__init__.py").read_text(encoding="utf-8")
    _, found, rest = text.partition('resource_modules="""')
    if not found:
        raise SchemaError(f"{PACKAGE} has no table of resource types; this version of it is not known")
    modules = json.loads(rest.partition('"""')[0])
    return {
        token: (module["fqn"].removeprefix(PACKAGE).lstrip("."), name)
        for module in modules
        for token, name in module["classes"].items()
    }


@cache
def package_version() -> str:
    """Give the version of the installed `pulumi_aws`."""
    return str(json.loads((_package_folder() / "pulumi-plugin.json").read_text(encoding="utf-8"))["version"])


@cache
def _package_folder() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise SchemaError(
            f"{sys.executable} has no {PACKAGE}, which the stand-in provider checks inputs against;"
            " install it there: pip install 'mlstage[pulumi]'"
        )
    return Path(spec.origin).parent


@cache
def _types(service: str) -> dict[str, dict[str, Field]]:
    return {name: _fields(fields) for name, fields in _service(service)["types"].items()}


def _fields(described: dict[str, Any]) -> dict[str, Field]:
    return {name: Field(*parts) for name, parts in described.items()}


@cache
def _service(service: str) -> dict[str, Any]:
    path = cache_dir() / "schema" / f"pulumi-aws-{package_version()}-{FORMAT}" / f"{service or 'index'}.json"
    try:
        return _loaded(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        text = _reflected(service)
    with contextlib.suppress(OSError):  # a read-only cache costs time, not correctness
        write_atomic(path, text)
    return _loaded(text)


def _loaded(text: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(text)
    if document["format"] != FORMAT:
        raise ValueError(f"format {document['format']}")
    return document


def _reflected(service: str) -> str:
    classes = {token: name for token, (module, name) in all_tokens().items() if module == service}
    command = [sys.executable, "-P", "-m", "mlstage.offline.provider.reflect", service]
    done = subprocess.run(command, input=json.dumps(classes), capture_output=True, text=True)
    if done.returncode != 0:
        last = (done.stderr.strip() or "no message").splitlines()[-1]
        raise SchemaError(f"{PACKAGE}.{service} could not be read: {last}")
    return done.stdout
