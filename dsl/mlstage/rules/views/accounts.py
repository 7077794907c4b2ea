"""Whose an image is: this account's, AWS's own, or somebody else's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

from mlstage.catalog.images import registry_accounts
from mlstage.graph import Graph, Resource
from mlstage.rules.truth import NO, YES, Truth, field
from mlstage.rules.views.containers import CONTAINERS, Container, Image, containers

# Roles are assumed, and keys of these fields used, in the account that the resource itself is in.
_ROLES: Final = ("execution_role_arn", "role_arn", "role", "task_role_arn")
_ACCOUNT: Final = re.compile(r"arn:aws[\w-]*:iam::(\d{12}):role/")


class Accounts:
    """What a graph tells of the account that it is deployed into; `own` are further accounts of the same people."""

    def __init__(self, graph: Graph, own: Iterable[str]) -> None:
        self._graph = graph
        self._own = frozenset(own)
        self._found: tuple[tuple[Resource, Container], ...] = tuple(
            (resource, container) for resource in graph.of(*CONTAINERS) for container in containers(resource)
        )
        self._here = frozenset(_named(graph)) or self._only_one()

    def containers(self) -> tuple[tuple[Resource, Container], ...]:
        """Give every container of the graph, and the resource that has it."""
        return self._found

    def is_foreign(self, image: Image) -> Truth:
        """Say whether an image comes from a registry that is neither this account's nor AWS's own."""
        if image.at.value is None or image.is_of_this_stack:
            return NO
        account = image.account
        if account is None:
            return image.at.satisfies(lambda address: not address.startswith(_public_of_aws()))
        if account in self._own or account in self._here or account in _of_aws():
            return NO
        return YES if self._here or self._own else image.at.gap("which account is your own is not known")

    def _only_one(self) -> frozenset[str]:
        """Take the one account that all images come from for the own one, where no role says it."""
        accounts = {container.image.account for _, container in self._found if container.image} - {None}
        rest = {account for account in accounts if account is not None} - _of_aws() - self._own
        return frozenset(rest) if len(rest) == 1 else frozenset()


@cache
def _of_aws() -> frozenset[str]:
    return registry_accounts()


@cache
def _public_of_aws() -> tuple[str, ...]:
    """Give what the addresses of AWS's own images in its public registry begin with."""
    lines = (Path(__file__).parents[1] / "data" / "public_images_of_aws.tsv").read_text(encoding="utf-8").splitlines()
    _, *rows = (line for line in lines if not line.startswith("#"))
    return tuple(row.partition("\t")[0] for row in rows)


def _named(graph: Graph) -> Iterator[str]:
    """Yield the accounts of roles that resources run as."""
    for resource in graph.of(*CONTAINERS, "aws.sagemaker.NotebookInstance"):
        for name in _ROLES:
            text = field(resource, name).text
            if text is not None and (found := _ACCOUNT.match(text)):
                yield found.group(1)
