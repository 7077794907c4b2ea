"""`mlstage check` in every format, its annotations at the keyword's own line."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.project_support import SPEC, Project

# Burstable and not scaled in production: a value of `on.instance`, and one of `replicas`.
FIXED = re.sub(r"prod=Autoscale\(.*?\n                \),", "prod=2,", SPEC, count=1, flags=re.DOTALL)
BAD = FIXED.replace('prod="ml.m5.xlarge"', 'prod="ml.t2.medium"')


def test_a_rule_is_told_at_the_keyword_that_its_cure_names(project: Project) -> None:
    project.spec(BAD)
    _, found = project.check("--stack", "prod")
    assert ("ML104", project.line("environments/spec.py", 'prod="ml.t2.medium"')) in [
        (one.code, one.at) for one in found
    ]
    project.spec(FIXED)
    _, found = project.check("--stack", "prod")
    assert ("ML201", project.line("environments/spec.py", "prod=2,")) in [(one.code, one.at) for one in found]


def test_a_rule_is_told_at_the_workload_where_the_keyword_is_not_written(project: Project) -> None:
    project.spec(
        FIXED.replace("replicas=per_stage(\n                test=1,\n                prod=2,\n            ),", "")
    )
    _, found = project.check("--stack", "prod")
    assert [one.at for one in found if one.code == "ML201"] == [
        project.line("environments/spec.py", "RealtimeEndpoint(")
    ]


def test_what_no_workload_has_is_told_at_the_environment(project: Project) -> None:
    text = SPEC.replace("import (", "import (\n    Stage,").replace(
        'owner="payments",',
        'owner="payments",\n    stages={\n        "test": Stage(tier="test"),\n'
        '        "prod": Stage(tier="production", monthly_budget=10),\n    },',
    )
    project.spec(text)
    _, found = project.check("--stack", "prod")
    assert [one.at for one in found if one.code == "ML301"] == [
        project.line("environments/spec.py", "environment = Environment(")
    ]


def test_a_value_of_the_stack_s_file_is_told_there(project: Project) -> None:
    project.spec(FIXED)
    project.stack("prod", "scorer:\n  instance: ml.t2.medium\n")
    _, found = project.check("--stack", "prod")
    assert [one.at for one in found if one.code == "ML104"] == [
        project.line("Pulumi.prod.yaml", "instance: ml.t2.medium")
    ]


@pytest.mark.parametrize("style", ["github", "sarif", "junit", "markdown"])
def test_every_format_names_rule_file_and_line(project: Project, style: str) -> None:
    project.spec(BAD)
    line = project.line("environments/spec.py", 'prod="ml.t2.medium"').partition(":")[2]
    run = project.run("check", "--stack", "prod", "--format", style)
    assert run.code == 1
    match style:
        case "github":
            assert f"::error file=environments/spec.py,line={line}," in run.out
        case "sarif":
            results = json.loads(run.out)["runs"][0]["results"]
            places = {one["ruleId"]: one["locations"][0]["physicalLocation"] for one in results}
            assert places["ML104"]["artifactLocation"]["uri"] == "environments/spec.py"
            assert str(places["ML104"]["region"]["startLine"]) == line
        case "junit":
            cases = {
                case.attrib["name"].split()[0]: case.attrib for case in ElementTree.fromstring(run.out).iter("testcase")
            }
            assert (cases["ML104"]["file"], cases["ML104"]["line"]) == ("environments/spec.py", line)
        case "markdown":
            assert f"| environments/spec.py:{line} |" in run.out


MAIN = """\
resource "aws_ebs_volume" "data" {
  availability_zone = "us-east-1a"
  encrypted         = false
}

module "store" {
  source = "./store"
}

module "far" {
  source = "terraform-aws-modules/vpc/aws"
}
"""
STORE = """\
module "key" {
  source = "terraform-aws-modules/kms/aws"
}
resource "aws_launch_template" "machines" {
  block_device_mappings {
    ebs {
      encrypted = true
    }
  }
  block_device_mappings {
    ebs {
      volume_size = 8
    }
  }
}
"""


def test_a_plan_s_resource_is_told_where_terraform_s_files_write_it(tmp_path: Path) -> None:
    from mlstage.readers.terraform_sources import Sources

    (tmp_path / "main.tf").write_text(MAIN)
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "main.tf").write_text(STORE)
    inside = {"module_calls": {"key": {"source": "terraform-aws-modules/kms/aws"}}}
    calls = {"store": {"source": "./store", "module": inside}, "far": {"source": "terraform-aws-modules/vpc/aws"}}
    sources = Sources(tmp_path, {"root_module": {"module_calls": calls}})

    def line(address: str, path: str = "") -> str | None:
        where = sources.where(address, path)
        return f"{Path(where.file).relative_to(tmp_path)}:{where.line}" if where else None

    template = "module.store.aws_launch_template.machines"
    assert line("aws_ebs_volume.data", "encrypted") == "main.tf:3"
    assert line("aws_ebs_volume.data[0]", "kms_key_id") == "main.tf:1"
    assert line('module.store["a.b"].aws_launch_template.machines["x[0]"]') == "store/main.tf:4"
    assert line(template, "block_device_mappings[1].ebs") == "store/main.tf:11"
    assert line(template, "block_device_mappings[1].ebs[0].volume_size") == "store/main.tf:12"
    assert line("aws_ebs_volume.gone") is None
    # A module from a registry is told where it is called, whatever it calls in turn.
    assert line("module.far.aws_vpc.this", "cidr_block") == "main.tf:10"
    assert line('module.far["a"].module.inner.aws_vpc.this') == "main.tf:10"
    assert line('module.store["a"].module.key[0].aws_kms_key.this') == "store/main.tf:1"
    assert line("module.gone.aws_vpc.this") is None
