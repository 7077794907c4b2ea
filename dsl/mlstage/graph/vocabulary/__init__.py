"""The vocabulary: every resource type of the graph, and what Pulumi, Terraform and AWS call and do with it.

A type's name is its path in Pulumi's Python packages (`aws.sagemaker.Model`). One entry serves the emitters and, read
the other way, the readers. `replaces` are the properties whose change makes the provider replace the resource; tests
compare all of it with the installed packages of Pulumi and with the Terraform provider. What a type's properties are is
in `data/properties.tsv`, and for objects of Kubernetes in `data/kubernetes.tsv`: after a new type is added,
`python -m mlstage.offline.vocabulary --write` or `python -m mlstage.offline.kubernetes_vocabulary --write` adds its
rows.

An object of Kubernetes has no type in Terraform: there it is a manifest. Its properties are those of the manifest but
`apiVersion` and `kind`, which its type says. A custom resource (`kubernetes.karpenter.v1.NodePool`) has a name of ours,
as Pulumi has one class for all of them; its `spec` keeps the spelling of the manifest, in Pulumi's programs as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from mlstage.graph.vocabulary.containers import CONTAINERS
from mlstage.graph.vocabulary.eks import EKS
from mlstage.graph.vocabulary.entry import TypeInfo
from mlstage.graph.vocabulary.functions import FUNCTIONS
from mlstage.graph.vocabulary.identity import IDENTITY
from mlstage.graph.vocabulary.kubernetes import KUBERNETES
from mlstage.graph.vocabulary.network import NETWORK
from mlstage.graph.vocabulary.operation import OPERATION
from mlstage.graph.vocabulary.sagemaker import SAGEMAKER
from mlstage.graph.vocabulary.second_names import SECOND_TERRAFORM, SECOND_TOKENS
from mlstage.graph.vocabulary.storage import STORAGE

__all__ = ["VOCABULARY", "TypeInfo", "by_terraform", "by_token"]

_FAMILIES: Final = (NETWORK, IDENTITY, SAGEMAKER, OPERATION, STORAGE, CONTAINERS, FUNCTIONS, EKS, KUBERNETES)
VOCABULARY: Final[Mapping[str, TypeInfo]] = {info.name: info for family in _FAMILIES for info in family}


@cache
def _tokens() -> Mapping[str, TypeInfo]:
    second = {token: VOCABULARY[name] for token, name in SECOND_TOKENS.items()}
    return {**second, **{info.token: info for info in VOCABULARY.values()}}


@cache
def _terraform_types() -> Mapping[tuple[str, bool], TypeInfo]:
    named = ((info.terraform or info.later, info) for info in VOCABULARY.values())
    second = {(name, False): VOCABULARY[known] for name, known in SECOND_TERRAFORM.items()}
    return {**second, **{(name, info.data): info for name, info in named if name}}


def by_token(token: str) -> TypeInfo | None:
    """Find the type that Pulumi calls `aws:sagemaker/model:Model`."""
    return _tokens().get(token)


def by_terraform(name: str, *, data: bool = False) -> TypeInfo | None:
    """Find the type that Terraform calls `aws_sagemaker_model`: a resource, or with `data` a look-up."""
    return _terraform_types().get((name, data))
