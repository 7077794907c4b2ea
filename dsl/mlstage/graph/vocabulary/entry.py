"""What the vocabulary says of one resource type, and short ways to say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final


@dataclass(frozen=True, slots=True)
class TypeInfo:
    """One resource type. `data` marks a look-up; `physical_name` is the property that holds AWS's own name.

    `documents` are the properties that hold a JSON document as text. `renamed` gives, by their path, the few properties
    that Terraform calls otherwise than Pulumi does, beyond the plural of a list. `newer` are properties that pulumi_aws
    has and the verified Terraform provider has not, each with the version of the provider that brought it: programs may
    set them, root modules may not.
    Of what is `revised`, a new one of the same name is another revision, beside the old one.

    `later` is what Terraform calls a type that its provider has only in versions newer than the one that mlstage writes
    for: it is read in plans, and never written.

    `api_version` and `kind` are those of an object of Kubernetes; a `custom` one is of a kind that Kubernetes learns
    from whoever extends it.
    """

    name: str
    token: str
    terraform: str
    replaces: frozenset[str] = frozenset()
    taggable: bool = False
    data: bool = False
    physical_name: str = ""
    documents: frozenset[str] = frozenset()
    renamed: Mapping[str, str] = field(default_factory=dict, hash=False)
    newer: Mapping[str, str] = field(default_factory=dict, hash=False)
    revised: bool = False
    later: str = ""
    api_version: str = ""
    kind: str = ""
    custom: bool = False


def aws(
    path: str,
    terraform: str,
    replaces: str = "",
    *,
    tags: bool = True,
    name: str = "name",
    documents: str = "",
    renamed: str = "",
    newer: str = "",
    revised: bool = False,
) -> TypeInfo:
    """Name a resource type of AWS's: its path in `pulumi_aws`, its type in Terraform, and what replaces it.

    Lists are written with blanks between their items, pairs as `ours=theirs`.
    """
    module, _, class_name = path.rpartition(".")
    member = class_name[0].lower() + class_name[1:]
    return TypeInfo(
        name=f"aws.{path}",
        token=f"aws:{module.rstrip('_')}/{member}:{class_name}",  # `lambda_` is Python's need, not Pulumi's
        terraform=f"aws_{terraform}",
        replaces=frozenset(replaces.split()),
        taggable=tags,
        physical_name=name,
        documents=frozenset(documents.split()),
        renamed=dict(pair.split("=") for pair in renamed.split()),
        newer=dict(pair.split("=") for pair in newer.split()),
        revised=revised,
    )


def aws_later(path: str, terraform: str, replaces: str = "", *, name: str = "name") -> TypeInfo:
    """Name a type that Pulumi has, and Terraform's provider from its next major version on."""
    known = aws(path, terraform, replaces, name=name)
    return replace(known, terraform="", later=known.terraform)


def aws_lookup(path: str, terraform: str) -> TypeInfo:
    """Name a look-up: its function in `pulumi_aws`, and its data source in Terraform."""
    module, _, function = path.rpartition(".")
    head, *words = function.split("_")
    member = head + "".join(word.capitalize() for word in words)
    name = f"aws.{path}"
    return TypeInfo(name, f"aws:{module or 'index'}/{member}:{member}", f"aws_{terraform}", data=True)


# What no object can change about itself.
_IDENTITY_OF_OBJECTS: Final = "metadata.name metadata.namespace"


def kubernetes_object(path: str, group: str = "", replaces: str = "") -> TypeInfo:
    """Name a kind of Kubernetes: its path in `pulumi_kubernetes`, and its API group where the path does not say it."""
    module, version, kind = path.split(".")
    group = group or module
    return TypeInfo(
        name=f"kubernetes.{path}",
        token=f"kubernetes:{group}/{version}:{kind}",
        terraform="",
        replaces=frozenset(f"{_IDENTITY_OF_OBJECTS} {replaces}".split()),
        physical_name="metadata.name",
        api_version=version if group == "core" else f"{group}/{version}",
        kind=kind,
    )


def custom_object(path: str, group: str) -> TypeInfo:
    """Name a kind of an extension of Kubernetes, which Pulumi makes with `apiextensions.CustomResource`."""
    return replace(kubernetes_object(path, group), custom=True)
