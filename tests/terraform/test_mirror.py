"""Which registry a program means, and the mirror it is given: with a stand-in for OpenTofu, which asks another one."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlstage.offline.terraform import COMMAND_VARIABLE, MIRROR_VARIABLE, _platform, find_terraform

# It warns before it answers, as OpenTofu does, and tells of the configuration that it was given.
STAND_IN = """#!/bin/sh
case "$*" in
  "version -json") printf '\\nWarning: no configuration\\n\\n{\\n "terraform_version": "1.12.6"\\n}\\n' ;;
  *providers*) echo '└── provider[theirs.example/hashicorp/aws]' ;;
  *) cat "$TF_CLI_CONFIG_FILE" ;;
esac
"""


@pytest.mark.parametrize("host", ["theirs.example", "ours.example"])
def test_the_provider_lies_in_the_mirror_under_the_host_that_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setenv("MLSTAGE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("TF_CLI_CONFIG_FILE", raising=False)
    command = tmp_path / "tofu"
    command.write_text(STAND_IN, encoding="utf-8")
    command.chmod(0o755)
    provider = tmp_path / "mirror" / host / "hashicorp/aws/5.100.0" / _platform() / "terraform-provider-aws_v5"
    provider.parent.mkdir(parents=True)
    provider.write_text("the provider", encoding="utf-8")
    found = find_terraform({COMMAND_VARIABLE: str(command), MIRROR_VARIABLE: str(tmp_path / "mirror")})
    assert (found.name, found.version) == ("tofu", "1.12.6")
    said = found.run(tmp_path, "init").stdout
    path = Path(next(line for line in said.splitlines() if "path" in line).split('"')[1])
    assert (path == tmp_path / "mirror") is (host == "theirs.example")
    assert 'include = ["theirs.example/hashicorp/aws"]' in said
    (there,) = path.glob("theirs.example/hashicorp/aws/*/*/terraform-provider-aws*")
    assert there.read_text(encoding="utf-8") == "the provider"
