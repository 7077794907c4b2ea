"""`mlstage graph`: what it writes, and what it says when it cannot."""

from __future__ import annotations

import json
import sys

import pytest

from tests.project_support import SPEC, Project

PLAN = {
    "format_version": "1.2",
    "planned_values": {
        "root_module": {
            "resources": [
                {
                    "address": "aws_sagemaker_notebook_instance.n",
                    "mode": "managed",
                    "type": "aws_sagemaker_notebook_instance",
                    "name": "n",
                    "provider_name": "registry.terraform.io/hashicorp/aws",
                    "values": {"name": "desk", "instance_type": "ml.t3.medium"},
                }
            ]
        }
    },
    "configuration": {"root_module": {"resources": []}},
}
PREVIEW = {
    "steps": [
        {
            "op": "create",
            "urn": "urn:pulumi:dev::p::aws:sagemaker/notebookInstance:NotebookInstance::desk",
            "newState": {
                "urn": "urn:pulumi:dev::p::aws:sagemaker/notebookInstance:NotebookInstance::desk",
                "type": "aws:sagemaker/notebookInstance:NotebookInstance",
                "custom": True,
                "inputs": {"name": "desk", "instanceType": "ml.g5.xlarge"},
            },
        }
    ]
}


def test_one_stack_is_printed_as_mermaid(project: Project) -> None:
    run = project.run("graph", "fraud/prod")
    assert (run.code, run.err) == (0, "")
    assert run.out.startswith('---\ntitle: "fraud: prod (us-east-1, production, ')
    assert 'subgraph c0["scorer (RealtimeEndpoint on SageMaker)"]' in run.out


def test_the_name_of_the_file_decides_the_format(project: Project) -> None:
    assert project.run("graph", "fraud/test", "-o", "out/a.svg").code == 0
    assert project.run("graph", "fraud/test", "-o", "out/a.json", "--detail").code == 0
    assert (project.root / "out/a.svg").read_text().startswith("<svg ")
    assert json.loads((project.root / "out/a.json").read_text())["title"] == "fraud: test"


def test_a_folder_takes_a_file_for_each_stack(project: Project) -> None:
    run = project.run("graph", "fraud", "-o", "pictures/", "--format", "svg")
    assert run.code == 0
    assert sorted(path.name for path in (project.root / "pictures").iterdir()) == ["fraud-prod.svg", "fraud-test.svg"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["fraud/prd"], "There is no 'fraud/prd'. Write fraud/prod."),
        (["frawd"], "There is no 'frawd'. Write fraud."),
        (["fraud"], "One picture for each of fraud/test, fraud/prod"),
        (["fraud/prod", "-o", "a.png"], "name it .mmd, .svg or .json"),
        (["fraud/prod", "--plan", "plan.json"], "give one or the other"),
        (["--plan", "absent.json"], "absent.json"),
    ],
)
def test_what_is_wrong_is_said(project: Project, arguments: list[str], words: str) -> None:
    before = project.files()
    run = project.run("graph", *arguments)
    assert run.code == 2
    assert words in run.err
    assert project.files() == before


def test_specs_with_errors_are_not_drawn(project: Project) -> None:
    path = project.root / "environments/spec.py"
    path.write_text(path.read_text().replace("ml.m5.xlarge", "ml.m5.xlrage"))
    run = project.run("graph", "fraud/prod")
    assert run.code == 2
    assert "ml.m5.xlrage" in run.said and "subgraph" not in run.out
    assert "There is no" not in run.err


def test_specs_with_errors_hide_no_others(project: Project) -> None:
    project.spec(SPEC.replace('name="fraud"', 'name="churn"').replace("ml.m5.xlarge", "ml.m5.xlrage"), "wrong")
    run = project.run("graph", "fraud/prod")
    assert run.code == 2
    assert "environments/wrong.py" in run.err and "subgraph" in run.out


def test_without_the_library_the_way_to_get_it_is_told(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    run = project.run("graph", "fraud/prod", "-o", "a.svg")
    assert run.code == 3
    assert "pip install 'mlstage[diagrams]'" in run.err
    assert project.run("graph", "fraud/prod").code == 0


def test_plans_and_previews_of_others_are_drawn(project: Project) -> None:
    project.write("plan.json", json.dumps(PLAN))
    project.write("preview.json", json.dumps(PREVIEW))
    plan = project.run("graph", "--plan", "plan.json")
    assert (plan.code, plan.err) == (0, "")
    assert "<b>desk</b><br/><i>SageMaker notebook</i><br/>ml.t3.medium" in plan.out
    preview = project.run("graph", "--preview", "preview.json")
    assert (preview.code, preview.err) == (0, "")
    assert "ml.g5.xlarge<br/><b>1 \N{MULTIPLICATION SIGN} NVIDIA A10G</b>" in preview.out
