"""For tests on the real Pulumi engine: the engine itself, and small projects that run on it without AWS."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from mlstage.offline import Engine, find_engine, offline_environment
from mlstage.offline.provider.world import events


class OfflineProject:
    """A Pulumi project in a folder of the test's own, run as a user runs it in an offline shell."""

    def __init__(self, root: Path, engine: Engine, name: str = "demo") -> None:
        self.root, self.engine, self.name = root, engine, name
        root.mkdir(parents=True, exist_ok=True)
        (root / "Pulumi.yaml").write_text(f"name: {name}\nruntime: python\nmain: programs/\n")
        self.stack("test")

    def stack(self, stack: str, config: str = "aws:region: us-east-1") -> Path:
        """Write a stack's file; `config` is the inside of its `config:`."""
        path = self.root / f"Pulumi.{stack}.yaml"
        lines = "".join(f"  {line}\n" for line in config.splitlines())
        path.write_text(f"config:\n{lines}")
        return path

    def program(self, text: str) -> None:
        """Write the program; `json`, `pulumi` and `aws` are imported for it."""
        head = "import json\n\nimport pulumi\nimport pulumi_aws as aws\n\n"
        path = self.root / "programs" / "__main__.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(head + text)

    def environment(self, *, checkpoints: bool = False) -> dict[str, str]:
        """Give the environment of the offline shell."""
        return offline_environment(self.root, engine=self.engine, checkpoints=checkpoints)

    def pulumi(self, *arguments: str, stack: str = "test", fails: bool = False, **options: Any) -> str:
        """Run `pulumi ARGUMENTS --stack STACK`, check that it ends as expected, and give what it wrote."""
        done = subprocess.run(
            ["pulumi", *arguments, "--stack", stack],
            cwd=self.root,
            env=self.environment(**options),
            capture_output=True,
            text=True,
        )
        said = done.stdout + done.stderr
        assert (done.returncode != 0) is fails, f"pulumi {' '.join(arguments)}: exit code {done.returncode}\n{said}"
        return said

    def up(self, *arguments: str, **options: Any) -> str:
        """Run `pulumi up` without its preview."""
        return self.pulumi("up", "--yes", "--skip-preview", *arguments, **options)

    def destroy(self, *arguments: str, **options: Any) -> str:
        """Run `pulumi destroy`."""
        return self.pulumi("destroy", "--yes", "--skip-preview", *arguments, **options)

    def resources(self, stack: str = "test") -> dict[str, dict[str, Any]]:
        """Give the resources of the state by `Class/name`; one that awaits deletion has `(old)` behind it."""
        path = self.root / ".mlstage/pulumi-state/.pulumi/stacks" / self.name / f"{stack}.json"
        state = json.loads(path.read_text())["checkpoint"]["latest"]
        assert not state.get("pending_operations")
        found = {}
        for resource in state.get("resources", []):
            if resource["type"].startswith(("aws:", "kubernetes:")):
                name = resource["type"].rpartition(":")[2] + "/" + resource["urn"].rpartition("::")[2]
                found[name + (" (old)" if resource.get("delete") else "")] = resource
        return found

    def outputs(self, stack: str = "test") -> Mapping[str, Any]:
        """Give what the program exports."""
        outputs: dict[str, Any] = json.loads(self.pulumi("stack", "output", "--json", "--show-secrets", stack=stack))
        return outputs

    def events(self, stack: str = "test") -> list[dict[str, Any]]:
        """Give the log of what the stand-in provider was asked to do."""
        return events(self.root / ".mlstage" / "offline" / "world", self.name, stack)

    def done(self, stack: str = "test") -> list[str]:
        """Give that log as `operation Class/name`, with `refused` behind what AWS would refuse."""
        lines = []
        for event in self.events(stack):
            line = f"{event['operation']} {event['token'].rpartition(':')[2]}/{event['name']}"
            lines.append(line + (" refused" if event.get("refused") else ""))
        return lines


ProjectMaker = Callable[..., OfflineProject]


@pytest.fixture(scope="session")
def engine() -> Engine:
    """Give the real Pulumi: minutes of work on a fresh machine, a failed test where it cannot be had."""
    return find_engine()


@pytest.fixture
def project(tmp_path: Path, engine: Engine) -> OfflineProject:
    """Give an empty project with a stack `test`."""
    return OfflineProject(tmp_path / "project", engine)
