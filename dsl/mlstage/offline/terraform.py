"""Find Terraform or OpenTofu and the AWS provider, and run what they say of a root module.

Where the provider lies in a local folder in mirror layout (`HOST/hashicorp/aws/VERSION/OS_ARCH/`), it is used from
there and nothing is downloaded; otherwise `init` does what it always does.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from mlstage.offline.cache import cache_dir
from mlstage.offline.errors import OfflineError, ToolMissing

COMMAND_VARIABLE: Final = "MLSTAGE_TERRAFORM"
MIRROR_VARIABLE: Final = "MLSTAGE_TERRAFORM_MIRROR"
# `terraform_data` is of Terraform 1.4; OpenTofu began at 1.6.
OLDEST_VERSION: Final = (1, 4, 0)
_NAMES: Final = ("terraform", "tofu")
# Where Terraform itself looks, and where images for CI put providers.
_USUAL_MIRRORS: Final = (
    "~/.terraform.d/plugins",
    "~/.local/share/terraform/plugins",
    "/usr/local/share/terraform/plugins",
    "/usr/share/terraform/plugins",
)


class TerraformFailed(OfflineError):
    """Terraform was run and said no; `complaints` is what it said."""

    def __init__(self, what: str, instead: str, complaints: tuple[Complaint, ...] = ()) -> None:
        super().__init__(what, instead)
        self.complaints = complaints


@dataclass(frozen=True, slots=True)
class Complaint:
    """One of Terraform's own diagnostics. `address` is the resource it speaks of, if it is one."""

    severity: str
    summary: str
    detail: str = ""
    address: str = ""
    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        place = self.address or (f"{self.file}:{self.line}" if self.file else "")
        said = f"{self.summary}: {' '.join(self.detail.split())}" if self.detail else self.summary
        return f"{place}: {said}" if place else said


@dataclass(frozen=True, slots=True)
class Terraform:
    """A Terraform or OpenTofu that was run and answered, with the provider mirror it is given, if there is one.

    `data` is where it keeps the providers of a folder, if not in the folder; `settings` are added to its environment.
    """

    command: Path
    name: str
    version: str
    mirror: Path | None = None
    data: Path | None = None
    settings: Mapping[str, str] = field(default_factory=dict)

    def init(self, folder: Path, *, backend: bool = True) -> None:
        """Fetch or link the provider for a root module."""
        self._checked(folder, "init", *([] if backend else ["-backend=false"]))

    def validate(self, folder: Path) -> tuple[Complaint, ...]:
        """Check a root module, after `init`, without asking AWS: give all that Terraform complains of."""
        done = self.run(folder, "validate", "-json")
        try:
            answer = _answer(done.stdout)
        except ValueError:
            raise _failure(self, "validate", done) from None
        return tuple(_complaint(one) for one in answer["diagnostics"])

    def plan(self, folder: Path, *options: str) -> dict[str, Any]:
        """Plan a root module, after `init`, and give the plan as `show -json` writes it."""
        with tempfile.TemporaryDirectory(prefix="mlstage-plan-") as work:
            file = Path(work) / "plan"
            self._checked(folder, "plan", f"-out={file}", *options)
            return self.show(folder, file)

    def show(self, folder: Path, file: Path | None = None) -> dict[str, Any]:
        """Give a plan's file, or without one the state, as JSON."""
        done = self.run(folder, "show", "-json", *([str(file)] if file else []))
        if done.returncode != 0:
            raise _failure(self, "show", done)
        return _answer(done.stdout)

    def schemas(self, folder: Path) -> dict[str, Any]:
        """Give the schemas of a root module's providers, after `init`, by the last part of their address."""
        done = self.run(folder, "providers", "schema", "-json")
        if done.returncode != 0:
            raise _failure(self, "providers schema", done)
        found = _answer(done.stdout)["provider_schemas"]
        return {address.rpartition("/")[2]: schemas for address, schemas in found.items()}

    def run(self, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run any command in a root module's folder; its output is captured."""
        with self._configured() as environ:
            return subprocess.run(
                [str(self.command), f"-chdir={folder}", *arguments],
                env=environ,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                encoding="utf-8",
            )

    def _checked(self, folder: Path, command: str, *options: str) -> None:
        done = self.run(folder, command, "-input=false", "-no-color", *options)
        if done.returncode != 0:
            raise _failure(self, command, done)

    @contextmanager
    def _configured(self) -> Iterator[dict[str, str]]:
        environ = {**os.environ, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1", **self.settings}
        if self.data is not None:
            environ["TF_DATA_DIR"] = str(self.data)
        # A user's own CLI configuration says better than we where providers come from.
        if self.mirror is None or _has_configuration(environ):
            yield environ
            return
        with tempfile.TemporaryDirectory(prefix="mlstage-terraform-") as work:
            file = Path(work) / "cli.tfrc"
            mirror = _for_host(self.mirror, _host(self.command), cache_dir(environ) / "mirrors")
            file.write_text(_cli_configuration(mirror), encoding="utf-8")
            yield {**environ, "TF_CLI_CONFIG_FILE": str(file)}


def find_terraform(environ: Mapping[str, str] | None = None) -> Terraform:
    """Find Terraform, or OpenTofu: `$MLSTAGE_TERRAFORM`, else PATH. Raises `ToolMissing` if there is none."""
    environ = os.environ if environ is None else environ
    if named := environ.get(COMMAND_VARIABLE):
        return _answering(Path(named), environ)
    for name in _NAMES:
        if found := shutil.which(name, path=environ.get("PATH", "")):
            return _answering(Path(found), environ)
    raise ToolMissing(
        "neither terraform nor tofu is on PATH",
        f"install Terraform {_dotted(OLDEST_VERSION)} or newer (https://developer.hashicorp.com/terraform/install) or"
        f" OpenTofu (https://opentofu.org/docs/intro/install/), or name one in {COMMAND_VARIABLE}",
    )


def find_mirror(environ: Mapping[str, str] | None = None) -> Path | None:
    """Find a folder that holds the AWS provider in mirror layout: `$MLSTAGE_TERRAFORM_MIRROR`, else the usual places.

    Raises `ToolMissing` if the variable names a folder without it.
    """
    environ = os.environ if environ is None else environ
    if named := environ.get(MIRROR_VARIABLE):
        if not _holds_aws(Path(named)):
            what = f"{MIRROR_VARIABLE}={named} has no AWS provider for this machine"
            instead = f"a folder with HOST/hashicorp/aws/VERSION/{_platform()}/ in it, or unset {MIRROR_VARIABLE}"
            raise ToolMissing(what, instead)
        return Path(named)
    if _has_configuration(environ):
        return None
    folders = [Path(place).expanduser() for place in _USUAL_MIRRORS]
    folders += sorted(Path("/opt").glob("*")) if Path("/opt").is_dir() else []
    return next((folder for folder in folders if _holds_aws(folder)), None)


def _has_configuration(environ: Mapping[str, str]) -> bool:
    named = environ.get("TF_CLI_CONFIG_FILE")
    return named is not None and Path(named).is_file()


def _holds_aws(folder: Path, host: str = "*") -> bool:
    return any(folder.glob(f"{host}/hashicorp/aws/*/{_platform()}/terraform-provider-aws*"))


def _platform() -> str:
    import platform

    system, machine = platform.system().lower(), platform.machine().lower()
    return f"{system}_{ {'x86_64': 'amd64', 'aarch64': 'arm64'}.get(machine, machine) }"


def _answering(command: Path, environ: Mapping[str, str]) -> Terraform:
    try:
        done = subprocess.run(
            [str(command), "version", "-json"], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL
        )
        version = str(_answer(done.stdout)["terraform_version"])
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError) as error:
        raise ToolMissing(f"{command} does not answer `version -json` ({error})", "a working Terraform") from error
    if tuple(int(part) for part in re.findall(r"\d+", version)[:3]) < OLDEST_VERSION:
        what = f"{command} is version {version}; {_dotted(OLDEST_VERSION)} or newer is needed"
        raise ToolMissing(what, f"install a newer one, or name it in {COMMAND_VARIABLE}")
    name = next((name for name in reversed(_NAMES) if name in command.name), command.name)
    return Terraform(command.absolute(), name, version, find_mirror(environ))


def _answer(said: str) -> dict[str, Any]:
    """Read a JSON answer. OpenTofu warns of a user's CLI configuration before it, on the same stream."""
    start = re.search(r"^\{", said, re.MULTILINE)
    answer: dict[str, Any] = json.loads(said[start.start() :] if start else said)
    return answer


@cache
def _host(command: Path) -> str:
    """Ask a program which registry it means by `hashicorp/aws`: Terraform and OpenTofu mean different ones."""
    with tempfile.TemporaryDirectory(prefix="mlstage-terraform-") as work:
        needs = {"terraform": {"required_providers": {"aws": {"source": "hashicorp/aws"}}}}
        (Path(work) / "main.tf.json").write_text(json.dumps(needs), encoding="utf-8")
        asked = [str(command), f"-chdir={work}", "providers", "-no-color"]
        done = subprocess.run(asked, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    found = re.search(r"provider\[([^\]/]+)/hashicorp/aws\]", done.stdout)
    return found[1] if found else ""


def _for_host(mirror: Path, host: str, cache: Path) -> Path:
    """Give a mirror that has the provider under a host: the one there is, or one in the cache that names it so.

    It must last: `init` links to it.
    """
    if not host or _holds_aws(mirror, host):
        return mirror
    renamed = cache / hashlib.sha256(str(mirror.absolute()).encode()).hexdigest()[:12]
    for package in mirror.glob(f"*/hashicorp/aws/*/{_platform()}"):
        link = renamed / host / "hashicorp" / "aws" / package.parent.name / package.name
        link.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            link.symlink_to(package.absolute())  # only here are links followed
    return renamed


def _cli_configuration(mirror: Path) -> str:
    # What the mirror lacks is still fetched the usual way.
    hosts = sorted({path.parent.parent.name for path in mirror.glob("*/hashicorp/aws")})
    held = ", ".join(json.dumps(f"{host}/hashicorp/aws") for host in hosts)
    return (
        "provider_installation {\n"
        f"  filesystem_mirror {{\n    path    = {json.dumps(str(mirror))}\n    include = [{held}]\n  }}\n"
        f"  direct {{\n    exclude = [{held}]\n  }}\n"
        "}\n"
    )


def _failure(tool: Terraform, command: str, done: subprocess.CompletedProcess[str]) -> TerraformFailed:
    said = re.sub(r"\x1b\[[0-9;]*m", "", done.stderr.strip() or done.stdout.strip())
    complaints = tuple(_complaints_in(said))
    what = "; ".join(str(one) for one in complaints) or said or f"exit code {done.returncode}"
    instead = f"`{tool.name} {command}` in the module's folder shows the same"
    if re.search(r"credential|ExpiredToken|InvalidClientTokenId", said):
        instead = "AWS credentials (`aws sts get-caller-identity` must answer): a plan asks AWS for the account"
    elif re.search(r"[Ff]ailed to query available provider packages", said):
        instead = f"access to the provider's registry, or a local mirror of it named in {MIRROR_VARIABLE}"
    return TerraformFailed(f"`{tool.name} {command}` failed: {what}", instead, complaints)


_BOX: Final = re.compile(r"^[╷╵│ ]+", re.MULTILINE)
_WITH: Final = re.compile(r"with (\S+?),$")
_ON: Final = re.compile(r"on (.+) line (\d+)[,:]")
# What `init` says before the errors that it speaks of.
_PREFACE: Final = "encountered problems during initiali"


def _complaints_in(text: str) -> Iterator[Complaint]:
    """Read what Terraform prints for people: `Error: summary`, a place, and a detail below."""
    parts = re.split(r"^[╷│ ]*(?=Error: )", text, flags=re.MULTILINE)[1:]
    told = [*map(_complaint_in, parts)]
    yield from [one for one in told if _PREFACE not in one.summary] or told


def _complaint_in(part: str) -> Complaint:
    summary, *lines = [line.strip() for line in _BOX.sub("", part).splitlines()]
    with_ = next(filter(None, map(_WITH.match, lines)), None)
    on = next(filter(None, map(_ON.match, lines)), None)
    detail = (line for line in lines if line and not (_WITH.match(line) or _ON.match(line) or re.match(r"\d+:", line)))
    return Complaint(
        severity="error",
        summary=summary.removeprefix("Error: "),
        detail=" ".join(detail),
        address=with_[1] if with_ else "",
        file=on[1] if on else "",
        line=int(on[2]) if on else 0,
    )


def _complaint(data: Mapping[str, Any]) -> Complaint:
    where = data.get("range") or {}
    context = (data.get("snippet") or {}).get("context") or ""
    named = re.findall(r'"([^"]+)"', context)
    return Complaint(
        severity=data["severity"],
        summary=data["summary"],
        detail=data.get("detail", ""),
        address=data.get("address") or ".".join(named) or context,
        file=where.get("filename", ""),
        line=where.get("start", {}).get("line", 0),
    )


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
