"""For tests of the command line: a small project in a folder of the test's own, and what a command said of it."""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mlstage.cli import main

STACKS = ("test", "prod")

SPEC = '''"""A spec that is right, one value to a line, so that a test can make any one of them wrong."""

from mlstage import (
    Autoscale,
    Environment,
    InvocationsPerInstance,
    Model,
    Notebook,
    DataCapture, RealtimeEndpoint,
    SageMaker,
    Spot,
    Training,
    WorkingHours,
    per_stage,
)

model = Model(
    image="123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud:1",
    artifact="s3://acme-models/fraud/model.tar.gz",
)

environment = Environment(
    name="fraud",
    owner="payments",
    workloads=[
        RealtimeEndpoint(
            name="scorer",
            model=model, capture=per_stage(prod=DataCapture(to="s3://acme-data/captured/")),
            on=SageMaker(
                instance=per_stage(
                    test="ml.t2.medium",
                    prod="ml.m5.xlarge",
                ),
            ),
            replicas=per_stage(
                test=1,
                prod=Autoscale(
                    min=2,
                    max=8,
                    target=InvocationsPerInstance(600),
                ),
            ),
        ),
        Training(
            name="training",
            image="123456789012.dkr.ecr.us-east-1.amazonaws.com/train:1",
            inputs={
                "train": "s3://acme-data/train/",
            },
            output="s3://acme-models/fraud/",
            on=SageMaker(instance="ml.c5.xlarge"),
            purchase=Spot(checkpoint="s3://acme-checkpoints/fraud/"),
            max_runtime="2h",
            schedule=per_stage(prod="rate(1 day)"),
        ),
        Notebook(
            name="explore",
            instance="ml.t3.medium",
            working_hours=WorkingHours(
                "Mon-Fri 08:00-18:00",
                timezone="Europe/Berlin",
            ),
            stop_when_idle="1h",
        ),
    ],
)
'''


@dataclass(frozen=True)
class Run:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err


@dataclass(frozen=True)
class Found:
    """One diagnostic as a program reads it."""

    code: str
    at: str
    what: str
    instead: str
    severity: str
    stack: str
    notes: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return f"{self.at}: {self.severity} {self.code}: {self.what} | {self.instead}"


class Project:
    """A project with two stacks; `run` is the command line, in this process and in this folder."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root, self._monkeypatch = root, monkeypatch
        self.write("Pulumi.yaml", "name: acme\nruntime: python\n")
        for stack in STACKS:
            self.stack(stack)
        self.spec()
        monkeypatch.chdir(root)
        monkeypatch.delenv("MLSTAGE_DEBUG", raising=False)

    def write(self, path: str, text: str) -> Path:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode())
        return place

    def spec(self, text: str = SPEC, name: str = "spec") -> Path:
        return self.write(f"environments/{name}.py", text)

    def stack(self, stack: str, overrides: str = "", region: str = "us-east-1") -> Path:
        """Write a stack's file; `overrides` is what stands below `mlstage:overrides`, from its own margin on."""
        indented = "".join(f"    {line}\n" for line in overrides.splitlines())
        head = f"config:\n  aws:region: {region}\n"
        return self.write(f"Pulumi.{stack}.yaml", head + (f"  mlstage:overrides:\n{indented}" if overrides else ""))

    def run(self, *arguments: str) -> Run:
        """Run `mlstage ARGUMENTS` as the console script does."""
        out, err = io.StringIO(), io.StringIO()
        self._monkeypatch.setattr(sys, "argv", ["mlstage", *arguments])
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as leaving:
            main()
        return Run(int(leaving.value.code or 0), out.getvalue(), err.getvalue())

    def check(self, *arguments: str) -> tuple[int, list[Found]]:
        """Run `mlstage check` and read what it found."""
        run = self.run("check", *arguments, "--format", "json")
        return run.code, [_found(one) for one in json.loads(run.out)["diagnostics"]]

    def files(self) -> dict[str, bytes]:
        """Give every file of the project, to see that a command wrote none."""
        return {
            path.relative_to(self.root).as_posix(): path.read_bytes() for path in self.root.rglob("*") if path.is_file()
        }

    def line(self, path: str, text: str) -> str:
        """Give the place of the one line that has a text, as a diagnostic shows it."""
        lines = (self.root / path).read_text().splitlines()
        hits = [number for number, line in enumerate(lines, 1) if text in line]
        assert len(hits) == 1, f"{text!r} is on the lines {hits} of {path}"
        return f"{path}:{hits[0]}"


def _found(one: dict[str, Any]) -> Found:
    notes = tuple((note["message"], _place(note["where"])) for note in one["related"])
    return Found(one["code"], _place(one["where"]), one["what"], one["instead"], one["severity"], one["stack"], notes)


def _place(where: dict[str, Any] | None) -> str:
    if where is None:
        return ""
    return f"{where['file']}:{where['line']}" if where["line"] else str(where["file"])


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Make a project that is right, until the test makes it wrong."""
    return Project(tmp_path / "acme", monkeypatch)
