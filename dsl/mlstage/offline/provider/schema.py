"""What the installed packages of Pulumi allow, one module at a time; read by reflection once and kept on disk."""

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

AWS: Final = "pulumi_aws"
KUBERNETES: Final = "pulumi_kubernetes"


class SchemaError(Exception):
    """An installed package of Pulumi's could not be read."""


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


def package_of(token: str) -> str:
    """Name the package of a type: `pulumi_aws` of `aws:sagemaker/model:Model`."""
    return f"pulumi_{token.partition(':')[0]}"


@cache
def resource_type(token: str) -> ResourceType | None:
    """Find a resource type by its token, `None` if the installed package has no such type."""
    package = package_of(token)
    if token not in all_tokens(package):
        return _custom_resource(token) if package == KUBERNETES else None
    module, _ = all_tokens(package)[token]
    described = _module(package, module)["resources"][token]
    return ResourceType(
        token=token,
        inputs=_fields(described["inputs"]),
        outputs={name: Output(*parts) for name, parts in described["outputs"].items()},
        types=_types(package, module),
    )


def _custom_resource(token: str) -> ResourceType | None:
    """Describe a kind of an extension of Kubernetes: an object like any other, but for what is inside it.

    Groups of Kubernetes's own have no types but those that the package knows, so a misspelt kind is not taken for one.
    """
    group = token.split(":")[1].partition("/")[0]
    own = {known.split(":")[1].partition("/")[0] for known in all_tokens(KUBERNETES)}
    if "." not in group or group in own:
        return None
    like = resource_type("kubernetes:core/v1:ConfigMap")
    assert like is not None
    kept = ("apiVersion", "kind", "metadata")
    return ResourceType(
        token=token,
        inputs={**{key: like.inputs[key] for key in kept}, "spec": Field("*", False, False, None)},
        outputs={key: like.outputs[key] for key in kept},
        types=like.types,
    )


@cache
def all_tokens(package: str = AWS) -> dict[str, tuple[str, str]]:
    """Map every resource token of a package to its module (`sagemaker`) and class name."""
    # The table of the package's `__init__.py` is JSON; importing the package to get it would cost half a second.
    text = (_package_folder(package) / "__init__.py").read_text(encoding="utf-8")
    _, found, rest = text.partition('resource_modules="""')
    if not found:
        raise SchemaError(f"{package} has no table of resource types; this version of it is not known")
    modules = json.loads(rest.partition('"""')[0])
    return {
        token: (module["fqn"].removeprefix(package).lstrip("."), name)
        for module in modules
        for token, name in module["classes"].items()
    }


@cache
def package_version(package: str = AWS) -> str:
    """Give the version of an installed package."""
    return str(json.loads((_package_folder(package) / "pulumi-plugin.json").read_text(encoding="utf-8"))["version"])


@cache
def _package_folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise SchemaError(
            f"{sys.executable} has no {package}, which the stand-in provider checks inputs against;"
            " install it there: pip install 'mlstage[pulumi]'"
        )
    return Path(spec.origin).parent


@cache
def _types(package: str, module: str) -> dict[str, dict[str, Field]]:
    return {name: _fields(fields) for name, fields in _module(package, module)["types"].items()}


def _fields(described: dict[str, Any]) -> dict[str, Field]:
    return {name: Field(*parts) for name, parts in described.items()}


@cache
def _module(package: str, module: str) -> dict[str, Any]:
    folder = f"{package.replace('_', '-')}-{package_version(package)}-{FORMAT}"
    path = cache_dir() / "schema" / folder / f"{module or 'index'}.json"
    try:
        return _loaded(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        text = _reflected(package, module)
    with contextlib.suppress(OSError):  # a read-only cache costs time, not correctness
        write_atomic(path, text)
    return _loaded(text)


def _loaded(text: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(text)
    if document["format"] != FORMAT:
        raise ValueError(f"format {document['format']}")
    return document


def _reflected(package: str, module: str) -> str:
    classes = {token: name for token, (where, name) in all_tokens(package).items() if where == module}
    command = [sys.executable, "-P", "-m", "mlstage.offline.provider.reflect", package, module]
    done = subprocess.run(command, input=json.dumps(classes), capture_output=True, text=True)
    if done.returncode != 0:
        last = (done.stderr.strip() or "no message").splitlines()[-1]
        raise SchemaError(f"{package}.{module} could not be read: {last}")
    return done.stdout
