"""Spec files that do not run, and projects that are none: told in words, with an exit code, and nothing written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project_support import SPEC, Project

ONE = "from mlstage import Environment\n\nenvironment = Environment(name='a', owner='b', workloads=[])\n"

STOPPING = {
    "raises": (
        "x = 1\n\ny = x / 0\n",
        3,
        "SPEC107",
        "the spec stops with ZeroDivisionError: division by zero",
        "a line that works: a spec is ordinary Python, run to its end",
    ),
    "raises with many lines": (
        "raise ValueError('first\\nsecond')\n",
        1,
        "SPEC107",
        "the spec stops with ValueError: first …",
        "a line that works: a spec is ordinary Python, run to its end",
    ),
    "imports what is not there": (
        "import os\nimport nothing_of_that_name.at_all\n",
        2,
        "SPEC108",
        "the spec cannot import: No module named 'nothing_of_that_name'",
        "install 'nothing_of_that_name' where mlstage runs, or correct the name",
    ),
    "imports a name that mlstage has otherwise": (
        "from mlstage import RealtimeEndpont\n",
        1,
        "SPEC108",
        "the spec cannot import: cannot import name 'RealtimeEndpont' from 'mlstage'",
        "`RealtimeEndpoint`",
    ),
    "imports a module of mlstage that is not there": (
        "from mlstage.endpoints import RealtimeEndpoint\n",
        1,
        "SPEC108",
        "the spec cannot import: No module named 'mlstage.endpoints'",
        "from mlstage import …: all that a spec needs is there",
    ),
    "imports its neighbour by a dot": (
        "from . import helpers\n",
        1,
        "SPEC108",
        "the spec cannot import: attempted relative import with no known parent package",
        "the name of the file without a dot: a spec finds its neighbours by name (`from helpers import …`)",
    ),
    "forgets an import": (
        "environment = Environment(name='a', owner='b', workloads=[])\n",
        1,
        "SPEC107",
        "the spec stops with NameError: name 'Environment' is not defined",
        "from mlstage import Environment",
    ),
    "misspells an import": (
        "from mlstage import Environment\nenvironment = Enviroment(name='a', owner='b', workloads=[])\n",
        2,
        "SPEC107",
        "the spec stops with NameError: name 'Enviroment' is not defined",
        "`Environment`",
    ),
    "is no Python": (
        "environment = (\n",
        1,
        "SPEC107",
        "the spec is no Python: '(' was never closed",
        "correct Python in place of `environment = (`",
    ),
    "is indented where it may not be": (
        "x = 1\n  y = 2\n",
        2,
        "SPEC107",
        "the spec is no Python: unexpected indent",
        "correct Python in place of `y = 2`",
    ),
    "leaves": (
        "import sys\n\nsys.exit(0)\n",
        3,
        "SPEC107",
        "the spec calls sys.exit(0)",
        "leave it out: a spec describes, and what must not be deployed is left to a rule",
    ),
    "defines nothing": (
        "x = 1\n",
        0,
        "SPEC109",
        "the spec defines no Environment",
        "environment = Environment(…) at the top level; if the file is a helper of other specs, begin its name with _",
    ),
    "binds its environment nowhere": (
        "from mlstage import Environment\n\n\ndef main():\n    return Environment(name='a', owner='b', workloads=[])\n",
        5,
        "SPEC109",
        "the spec defines no Environment: the one that is made here has no name at the top level",
        "environment = Environment(…), not indented",
    ),
    "changes what is made": (
        f"{ONE}environment.owner = 'c'\n",
        4,
        "SPEC107",
        "the spec changes `owner` of Environment, which stays as it was made",
        "owner=… where the Environment is made",
    ),
    "calls per_stage with a bare value": (
        "from mlstage import per_stage\nx = per_stage('ml.m5.large')\n",
        2,
        "SPEC107",
        "the spec stops with TypeError: per_stage() takes 0 positional arguments but 1 was given",
        "per_stage(test=…, prod=…)",
    ),
    "calls itself": (
        "def f():\n    f()\nf()\n",
        2,
        "SPEC107",
        "the spec stops with RecursionError: maximum recursion depth exceeded",
        "a line that works: a spec is ordinary Python, run to its end",
    ),
}


@pytest.mark.parametrize("name", STOPPING)
def test_a_spec_that_stops_is_told_at_the_authors_line(project: Project, name: str) -> None:
    text, line, code, what, instead = STOPPING[name]
    project.spec(text)
    before = project.files()
    exit_code, found = project.check()
    at = f"environments/spec.py:{line}" if line else "environments/spec.py"
    assert [(one.code, one.at, one.what, one.instead) for one in found] == [(code, at, what, instead)]
    assert exit_code == 2
    compiled = project.run("compile")
    assert (compiled.code, project.files()) == (2, before)
    assert "Traceback" not in compiled.said


def test_a_helper_that_stops_is_told_there_with_the_line_that_called_it(project: Project) -> None:
    project.write("environments/_helper.py", "def scorer():\n    raise KeyError('size')\n")
    project.spec("from _helper import scorer\n\nscorer()\n")
    _, found = project.check()
    assert [(one.code, one.at, one.notes) for one in found] == [
        ("SPEC107", "environments/_helper.py:2", (("called from here", "environments/spec.py:3"),))
    ]


def test_problems_of_a_thread_of_the_spec_are_told_like_others(project: Project) -> None:
    project.spec(
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from mlstage import SageMaker\n"
        "with ThreadPoolExecutor() as pool:\n"
        "    pool.submit(lambda: SageMaker(instanc='ml.m5.large')).result()\n"
    )
    code, found = project.check()
    assert [(one.code, one.at) for one in found] == [("SPEC101", "environments/spec.py:4")]
    assert code == 2


def test_two_environments_of_one_name_are_told_with_the_place_of_the_other(project: Project) -> None:
    project.spec(f'{SPEC}\nsecond = Environment(\n    name="fraud"  ,\n    owner="x",\n    workloads=[],\n)\n')
    code, found = project.check()
    first = project.line("environments/spec.py", 'name="fraud",')
    assert [(one.code, one.at, one.what, one.notes) for one in found] == [
        (
            "SPEC110",
            project.line("environments/spec.py", 'name="fraud"  ,'),
            "two environments are named 'fraud'",
            (("the other one", first),),
        )
    ]
    assert code == 2


def test_names_of_two_environments_may_not_meet_once_they_are_joined(project: Project) -> None:
    text = "from mlstage import Environment, Notebook\n\nenvironment = Environment(\n    name='{}', owner='b',\n"
    text += "    workloads=[Notebook(name='{}', instance='ml.t3.medium')],\n)\n"
    project.spec(text.format("a", "b-c"), "spec")
    project.spec(text.format("a-b", "c"), "other")
    code, found = project.check("--stack", "test")
    clashing = [one for one in found if one.code == "SPEC113"]
    assert [(one.at, one.what, one.notes) for one in clashing] == [
        (
            "environments/spec.py:5",
            "'a-b/c' and 'a/b-c' would both have a aws.iam.Role named 'a-b-c-role'",
            (("the other one", "environments/other.py:5"),),
        )
    ]
    assert code == 2


def test_what_a_spec_prints_does_not_come_between_the_data(project: Project) -> None:
    project.spec(f"print('hello from the spec')\n{SPEC}")
    run = project.run("check", "--format", "json")
    assert run.out.startswith("{")
    assert run.err == "hello from the spec\n"


@pytest.mark.parametrize("change", [("\n", "\r\n"), ("", "")], ids=["CRLF", "LF"])
def test_line_ends_and_a_byte_order_mark_change_no_line(project: Project, change: tuple[str, str]) -> None:
    text = SPEC.replace("max_runtime=", "max_runtme=")
    project.spec("\ufeff" + (text.replace(*change) if change[0] else text))
    _, found = project.check()
    assert [(one.code, one.at) for one in found] == [
        ("SPEC101", project.line("environments/spec.py", "max_runtme")),
    ]


def test_a_folder_without_a_project_is_told_what_to_do(
    project: Project, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.chdir(elsewhere)
    run = project.run("check")
    assert run.code == 2
    assert run.err == (
        f"error SPEC301: no Pulumi.yaml in {elsewhere} or above it: this is no mlstage project\n"
        "  fix: `mlstage init DIR` for a new project, or go to an existing one\n"
    )


def test_a_project_without_specs_is_told_where_they_go(project: Project) -> None:
    (project.root / "environments/spec.py").unlink()
    run = project.run("check")
    assert run.code == 2
    assert "environments: error SPEC302: `environments/` has no spec" in run.err


def test_a_spec_that_is_not_there_is_told_with_the_nearest(project: Project) -> None:
    run = project.run("check", "environments/spce.py")
    assert (run.code, run.err) == (
        2,
        "error SPEC302: there is no spec 'environments/spce.py'\n  fix: environments/spec.py\n",
    )


def test_a_stack_that_is_not_there_is_told_with_the_nearest(project: Project) -> None:
    code, found = project.check("--stack", "prd")
    assert [(one.code, one.what, one.instead) for one in found] == [
        ("SPEC303", "no environment has a stack 'prd'", "--stack prod")
    ]
    assert code == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["chekc"], "Error: No such command 'chekc'. Did you mean 'check'?"),
        (["xyzzy"], "Error: No such command 'xyzzy'."),
        (["check", "--stak", "prod"], "Error: No such option '--stak'. Did you mean '--stack'?"),
        (["check", "--format", "xml"], "Error: Invalid value for '--format': 'xml' is not one of"),
        (["offers", "ml.m5.xlrage"], "Error: There is no instance type 'ml.m5.xlrage'. Did you mean ml.m5.xlarge"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_slip_on_the_command_line_is_told_with_the_nearest(project: Project, arguments: list[str], said: str) -> None:
    run = project.run(*arguments)
    assert run.code == 2
    assert said in run.err
    assert run.out == ""


def test_a_folder_that_may_not_be_written_to_is_told_and_left_as_it_is(project: Project) -> None:
    folder = project.root / "programs"
    folder.mkdir()
    folder.chmod(0o555)
    try:
        if os.access(folder, os.W_OK):
            pytest.skip("this user may write everywhere")
        run = project.run("compile")
        assert (run.code, list(folder.iterdir())) == (2, [])
        assert "programs" in run.err and "Traceback" not in run.err
    finally:
        folder.chmod(0o755)


def test_a_file_where_the_folder_should_be_is_told_and_left_as_it_is(project: Project) -> None:
    project.write("programs", "mine\n")
    before = project.files()
    run = project.run("compile")
    assert (run.code, project.files()) == (2, before), run.said
    assert "programs" in run.err and "Traceback" not in run.err


def test_what_the_system_refuses_is_no_bug_of_ours(project: Project) -> None:
    run = project.run("diff", "test", "prod", "a" * 400)
    assert run.code == 2
    assert "cannot go on: File name too long: aaa" in run.err
    assert len(run.err) < 300


def test_a_bug_of_ours_says_so_without_a_traceback(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("no such thing")

    monkeypatch.setattr("mlstage.project.fleet.study_fleet", broken)
    run = project.run("check")
    assert run.code == 4
    assert "has a bug: RuntimeError: no such thing" in run.err
    assert "Traceback" not in run.err
    monkeypatch.setenv("MLSTAGE_DEBUG", "1")
    assert "Traceback (most recent call last)" in project.run("check").err


def test_the_console_script_hands_on_the_exit_code(project: Project) -> None:
    """Runs as a user does: the codes are set outside of the process that the other tests run in."""
    script = Path(sys.executable).with_name("mlstage")

    def code(*arguments: str) -> int:
        return subprocess.run([script, *arguments], cwd=project.root, capture_output=True).returncode

    assert code("check") == 0
    project.spec(SPEC.replace('"ml.m5.xlarge"', '"ml.m5.xlrage"'))
    assert code("check") == 2
    project.spec(
        SPEC.replace("            on=SageMaker(\n", "            purchase=Spot(),\n            on=SageMaker(\n")
    )
    assert code("check") == 1
    assert code("--help") == 0
    assert code("nonsense") == 2
