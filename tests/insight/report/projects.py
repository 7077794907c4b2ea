"""A project whose report has something of everything, and texts that would like to be more than text."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.project_support import SPEC

BAD = '<script>document.title = "taken"</script><img src=x onerror=alert(1)>'
_HEAD = "config:\n  aws:region: us-east-1\n"
_WAIVED = f"""            purchase=Spot(checkpoint="s3://acme-checkpoints/fraud/"),
            waivers=[
                waive("ML502", reason={BAD!r}, until="2027-01-31"),
                waive("ML503", reason="over", until="2026-01-31"),
            ],
"""


def project(folder: Path) -> Path:
    """Write the project: two stacks, a GPU in test, waivers that count and that do not, and an override."""
    spec = SPEC.replace('            purchase=Spot(checkpoint="s3://acme-checkpoints/fraud/"),\n', _WAIVED)
    spec = spec.replace("    per_stage,\n", "    per_stage,\n    waive,\n").replace("ml.t2.medium", "ml.g5.xlarge")
    (folder / "environments").mkdir(parents=True)
    (folder / "environments/spec.py").write_text(spec)
    (folder / "Pulumi.yaml").write_text("name: acme\nruntime: python\n")
    (folder / "Pulumi.test.yaml").write_text(_HEAD)
    (folder / "Pulumi.prod.yaml").write_text(_HEAD + "  mlstage:overrides:\n    explore:\n      stop_when_idle: 2h\n")
    return folder


def report(folder: Path, *arguments: str, day: str = "2026-11-25") -> subprocess.CompletedProcess[str]:
    """Run `mlstage report` in a project."""
    command = [sys.executable, "-m", "mlstage", "report", "--date", day, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
