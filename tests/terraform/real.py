"""The real Terraform and the real AWS provider, kept warm, against moto on loopback.

Starting the provider takes seconds, and every command of Terraform's does it. Here it runs once, in the provider's own
debug mode, and Terraform is told where it is (`TF_REATTACH_PROVIDERS`). A warm provider has one configuration at a
time: one for each thread that runs Terraform.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, NoReturn

import pytest

from mlstage.offline.errors import OfflineError
from mlstage.offline.terraform import Terraform, find_terraform

HERE: Final = Path(__file__).parent
# Every service whose types the vocabulary has, by the provider's names for their endpoints.
SERVICES: Final = (
    "apigatewayv2",
    "appautoscaling",
    "autoscaling",
    "batch",
    "budgets",
    "cloudwatch",
    "ec2",
    "ecr",
    "ecs",
    "efs",
    "eks",
    "elbv2",
    "events",
    "iam",
    "kms",
    "lambda",
    "logs",
    "s3",
    "sagemaker",
    "scheduler",
    "sfn",
    "sns",
    "sqs",
    "sts",
)
OVERRIDE: Final = "moto_override.tf.json"


def found_terraform() -> Terraform:
    """Find Terraform and its AWS provider, or skip with the reason; on CI, which installs both, fail with it."""
    try:
        return find_terraform()
    except OfflineError as error:
        _missing(str(error))


def provider_of(terraform: Terraform, folder: Path) -> Path:
    """Find the AWS provider's program: in the local mirror, else where `terraform init` puts it."""
    if terraform.mirror is not None:
        return max(terraform.mirror.glob("*/hashicorp/aws/*/*/terraform-provider-aws*"))
    (folder / "main.tf.json").write_text(
        json.dumps({"terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "version": "~> 5.100"}}}})
    )
    try:
        terraform.init(folder)
    except OfflineError as error:
        _missing(f"no AWS provider: no local mirror of it, and {error}")
    return max(folder.glob(".terraform/providers/*/hashicorp/aws/*/*/terraform-provider-aws*"))


def _missing(why: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


@contextmanager
def running(command: list[str], ready: str, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """Run a program that ends with its standard input, until the block ends; give what it prints that matches first."""
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
            cwd=HERE.parents[1],
            env={**os.environ, **(environment or {})},
        )
        assert process.stdin and process.stdout
        try:
            for line in process.stdout:
                if match := re.search(ready, line):
                    yield match[1]
                    break
            else:
                said.seek(0)
                pytest.fail(f"{command[0]} did not start: {said.read()[-2000:]}")
        finally:
            process.stdin.close()
            process.stdout.close()
            process.wait(60)


@contextmanager
def warm(terraform: Terraform, provider: Path) -> Iterator[Terraform]:
    """Start the provider, and give a Terraform that uses it; no `init` is needed."""
    # Both of a configuration's HTTP clients would be given the bundle, and the provider refuses the second time.
    bare = {"AWS_CA_BUNDLE": ""}
    guarded = [sys.executable, str(HERE / "until_closed.py"), str(provider), "-debug"]
    with running(guarded, r"TF_REATTACH_PROVIDERS='(.*)'", bare) as address:
        yield replace(terraform, settings={**terraform.settings, **bare, "TF_REATTACH_PROVIDERS": address})


@contextmanager
def aws_server() -> Iterator[int]:
    """Start moto on a free port of loopback, and give the port."""
    with running([sys.executable, "-W", "ignore", "-m", "tests.terraform.aws_server"], r"^(\d+)$") as port:
        yield int(port)


def use_server(folder: Path, port: int) -> None:
    """Have a root module speak with moto: by a file beside it, so that the module stays as it was written."""
    url = f"http://127.0.0.1:{port}"
    provider: dict[str, Any] = {
        "access_key": "test",
        "secret_key": "test",
        "max_retries": 2,
        "skip_credentials_validation": True,
        "skip_metadata_api_check": True,
        "s3_use_path_style": True,
        "endpoints": [dict.fromkeys(SERVICES, url)],
    }
    (folder / OVERRIDE).write_text(json.dumps({"provider": {"aws": provider}}, indent=2))


@dataclass(frozen=True)
class Change:
    """What a plan wants of one resource: `create`, `update`, `delete`, or both for a replacement."""

    address: str
    actions: tuple[str, ...]
    paths: tuple[str, ...]

    def __str__(self) -> str:
        return f"{'+'.join(self.actions)} {self.address}: {', '.join(self.paths) or '-'}"


def changes(plan: Mapping[str, Any]) -> list[Change]:
    """List what a plan would change, with the properties that differ."""
    found = []
    for one in plan.get("resource_changes", ()):
        change = one["change"]
        if change["actions"] not in (["no-op"], ["read"]):
            paths = tuple(sorted(set(_differing(change["before"], change["after"], change.get("after_unknown"), ""))))
            found.append(Change(one["address"], tuple(change["actions"]), paths))
    return found


def _differing(before: Any, after: Any, unknown: Any, path: str) -> Iterator[str]:
    if unknown is True:
        yield path
    elif isinstance(before, dict) and isinstance(after, dict):
        marks = unknown if isinstance(unknown, dict) else {}
        for key in before.keys() | after.keys() | marks.keys():
            yield from _differing(before.get(key), after.get(key), marks.get(key), f"{path}.{key}" if path else key)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        each = unknown if isinstance(unknown, list) and len(unknown) == len(after) else [None] * len(after)
        for old, new, mark in zip(before, after, each, strict=True):
            yield from _differing(old, new, mark, path)
    elif before != after:
        yield path


def use_together(folder: Path, modules: Mapping[str, str], port: int | None = None) -> None:
    """Make one root module that calls several `main.tf.json` as modules: one run of Terraform's for all of them.

    They inherit one provider, so what their own provider blocks say is left out: the region and the tags for all.
    """
    provider: dict[str, Any] = {"region": "us-east-1"}
    calls: dict[str, Any] = {}
    for name, text in modules.items():
        document = json.loads(text)
        document.pop("provider", None)
        place = folder / name
        place.mkdir(parents=True, exist_ok=True)
        (place / "main.tf.json").write_text(json.dumps(document, indent=1))
        secrets = document.get("variable", {})
        calls[name] = {"source": f"./{name}", **dict.fromkeys(secrets, "given")}
    root = {"provider": {"aws": provider}, "module": calls}
    (folder / "main.tf.json").write_text(json.dumps(root, indent=2))
    if port is not None:
        use_server(folder, port)
