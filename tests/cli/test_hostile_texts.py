"""Whatever an author writes as a value comes out as that value, in programs and in the manifest; nothing else."""

from __future__ import annotations

import ast
import json

import pytest

from tests.project_support import SPEC, Project

TEXTS = {
    "quotes": """it's a "quoted" one""",
    "newlines": "one\ntwo\r\nthree\n",
    "Pulumi's and Terraform's own": "${aws:region} %{if true}x%{endif} $${x}",
    "Jinja": "{{ 7 * 7 }} {% raw %} {# gone #}",
    "f-string": "{model.name} {0} {{x}}",
    "backslashes": "C:\\temp\\new \\u0041 \\",
    "triple quotes": '"""; import os; os.abort() """',
    "other triple quotes": "''' + str(1) + '''",
    "emoji and others": "💥 žluťoučký 日本語 \u202e\u2028",
    "control characters": "\x00\x07\x1b[31m",
    "percent": "%s %(x)s %%",
    "nothing": "",
    "space": "  ",
    "long": "word " * 180,
    "yaml": "- a: &x !!python/object:os.system",
}


def texts_in(program: str) -> set[str]:
    return {
        node.value
        for node in ast.walk(ast.parse(program))
        if isinstance(node, ast.Constant)
        if isinstance(node.value, str)
    }


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_is_data_wherever_it_goes(project: Project, name: str) -> None:
    text = TEXTS[name]
    spec = SPEC
    for before, added in {
        "from mlstage import (\n": "    waive,\n",
        "model = Model(\n": f'    environment={{"SETTING": {text!r}}},\n',
        '            max_runtime="2h",\n': f'            hyperparameters={{"h": {text!r}}},\n',
        '            name="explore",\n': (
            f'            waivers=[waive("ML102", reason={f"why: {text}"!r}, until="2999-01-31")],\n'
        ),
    }.items():
        spec = spec.replace(before, before + added)
    project.spec(spec)
    run = project.run("compile")
    assert run.code == 0, run.said
    for stack in ("test", "prod"):
        program = (project.root / f"programs/fraud/{stack}.py").read_text(encoding="utf-8")
        settings = [
            dictionary
            for node in ast.walk(ast.parse(program))
            if isinstance(node, ast.Dict)
            for dictionary in [_literal(node)]
            if dictionary
        ]
        assert {"SETTING": text} in settings
        assert {"h": text} in settings
    manifest = json.loads((project.root / "programs/manifest.json").read_text(encoding="utf-8"))
    assert [waiver["reason"] for waiver in manifest["stacks"]["prod"]["waivers"]] == [f"why: {text}"]
    assert project.run("compile", "--check").code == 0


def _literal(node: ast.Dict) -> dict[str, str]:
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return {}
    return value if set(value) in ({"SETTING"}, {"h"}) else {}


@pytest.mark.parametrize("prefix", ["it's/", 'a"b/', "{model.name}/", "{{x}}/", "back\\slash/", "žluť 💥/", "%20/"])
def test_an_address_is_data_in_policies_as_well(project: Project, prefix: str) -> None:
    project.spec(SPEC.replace('"s3://acme-data/train/"', repr(f"s3://acme-data/{prefix}")))
    assert project.run("compile").code == 0
    found = texts_in((project.root / "programs/fraud/prod.py").read_text(encoding="utf-8"))
    assert {f"s3://acme-data/{prefix}", f"arn:aws:s3:::acme-data/{prefix}*", f"{prefix}*"} <= found


def test_a_finding_shows_control_characters_as_what_they_are(project: Project) -> None:
    project.spec(SPEC.replace('"rate(1 day)"', repr("\x1b[31mred\nERROR")))
    run = project.run("check")
    assert run.code == 2
    assert "\x1b" not in run.said
    assert "'\\x1b[31mred\\nERROR' is no EventBridge schedule" in run.out
