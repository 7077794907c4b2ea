"""The real Terraform, its provider kept warm, and moto: found and started once for all tests of a run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mlstage.offline.terraform import Terraform
from tests.terraform.real import aws_server, found_terraform, provider_of, warm


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
