"""The real Terraform, its provider kept warm, and moto: found and started once for all tests of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mlstage.offline.terraform import Terraform
from tests.parity.hostile import NAME as HOSTILE
from tests.parity.hostile import WRITTEN, hostile, written
from tests.terraform.plans import parts, with_own_tags
from tests.terraform.real import aws_server, found_terraform, provider_of, use_together, warm
from tests.terraform.stacks import module_of, name_of, stacks
from tests.terraform.standing import make_what_is_found


@pytest.fixture(scope="session")
def terraform() -> Terraform:
    """Give Terraform or OpenTofu; the test is skipped, with the reason, on a machine without."""
    return found_terraform()


@pytest.fixture(scope="session")
def provider(terraform: Terraform, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the AWS provider's program."""
    return provider_of(terraform, tmp_path_factory.mktemp("provider"))


@pytest.fixture(scope="session")
def warm_terraform(terraform: Terraform, provider: Path) -> Iterator[Terraform]:
    """Give a Terraform whose provider runs already."""
    with warm(terraform, provider) as ready:
        yield ready


@pytest.fixture(scope="session")
def server() -> Iterator[int]:
    """Give the port of a moto of this run's own."""
    with aws_server() as port:
        yield port


@dataclass(frozen=True)
class Planned:
    """What the real provider plans for every stack: each plan as if its module were a root module, and its folder."""

    plans: Mapping[str, dict[str, Any]]
    folder: Path


@pytest.fixture(scope="session")
def planned(warm_terraform: Terraform, server: int, tmp_path_factory: pytest.TempPathFactory) -> Planned:
    """Plan every environment in every stack, and the stack of hostile texts, in one run."""
    folder = tmp_path_factory.mktemp("planned")
    graphs = {**{name_of(one): one.graph for one in stacks()}, HOSTILE: hostile(), WRITTEN: written()}
    modules = {name: with_own_tags(module_of(graph)) for name, graph in graphs.items()}
    make_what_is_found(modules.values(), server)
    use_together(folder, modules, server)
    warm_terraform.init(folder)
    return Planned(dict(parts(warm_terraform.plan(folder, "-refresh=false"))), folder)
