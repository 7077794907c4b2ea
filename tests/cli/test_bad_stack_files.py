"""What people get wrong in `Pulumi.<stack>.yaml`: each is told on its own line, in the words of that file."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.project_support import Project

PROD = "Pulumi.prod.yaml"


@dataclass(frozen=True)
class Override:
    """Overrides that are wrong: the line to blame is the one that has `at`; `note` is the spec's line it replaced."""

    name: str
    text: str
    at: str
    code: str
    what: str
    instead: str
    note: str = ""


OVERRIDES = [
    Override(
        "unknown workload",
        "scorre: {instance: ml.m5.2xlarge}",
        "scorre",
        "SPEC203",
        "override of 'scorre', which is no workload of stack 'prod'",
        "`scorer:`",
    ),
    Override(
        "workload that is a number",
        "5: {instance: ml.m5.2xlarge}",
        "5:",
        "SPEC203",
        "override of '5', which is no workload of stack 'prod'",
        "one of scorer, training, explore",
    ),
    Override(
        "unknown field",
        "scorer:\n  instnace: ml.m5.2xlarge",
        "instnace",
        "SPEC204",
        "'scorer' has no field 'instnace' to override",
        "`instance:`",
    ),
    Override(
        "unknown field of a value",
        "scorer:\n  replicas:\n    mn: 3",
        "mn:",
        "SPEC204",
        "'scorer' has no field 'mn' to override",
        "`min:`",
    ),
    Override(
        "field that every stack shares",
        "scorer:\n  name: other",
        "name:",
        "SPEC204",
        "'name' of 'scorer' is the same in every stack and cannot be overridden",
        "one of tags, waivers, model, on, replicas, …",
    ),
    Override(
        "number for an instance",
        "scorer:\n  instance: 5",
        "instance:",
        "SPEC103",
        "`instance` of SageMaker is 5, a number; it takes an instance type",
        "instance: ml.m5.xlarge, for example",
    ),
    Override(
        "nothing for an instance",
        "scorer:\n  instance:",
        "instance:",
        "SPEC103",
        "`instance` of SageMaker is None; it takes an instance type",
        "instance: ml.m5.xlarge, for example",
    ),
    Override(
        "word for a number",
        "scorer:\n  replicas:\n    min: two",
        "min:",
        "SPEC103",
        "`min` of Autoscale is 'two', a text; it takes a whole number from 0",
        "min: 1, for example",
    ),
    Override(
        "text that is a number",
        "scorer:\n  replicas:\n    min: '3'",
        "min:",
        "SPEC103",
        "`min` of Autoscale is '3', a text; it takes a whole number from 0",
        "min: 3",
    ),
    Override(
        "number among tags",
        "scorer:\n  tags:\n    build: 5",
        "build:",
        "SPEC103",
        '`tags["build"]` of RealtimeEndpoint is 5, a number; it takes a text',
        'build: "5"',
    ),
    Override(
        "purchase of nothing",
        "training:\n  purchase: spoot",
        "purchase:",
        "SPEC103",
        "`purchase` of Training is 'spoot', a text; it takes OnDemand(…), Spot(…) or SavingsPlan(…)",
        "purchase: on-demand, for example",
    ),
    Override(
        "checkpoint that is no address",
        "training:\n  purchase:\n    spot:\n      checkpoint: s4://bucket/x/",
        "checkpoint:",
        "SPEC104",
        "'s4://bucket/x/' is no S3 address",
        '"s3://bucket/prefix/", for example',
    ),
    Override(
        "input that is no address",
        "training:\n  inputs:\n    train: s4://bucket/x/",
        "train:",
        "SPEC104",
        "'s4://bucket/x/' is no S3 address",
        '"s3://bucket/prefix/", for example',
    ),
    Override(
        "bare number for a metric, out of range",
        "scorer:\n  replicas:\n    target: -1",
        "target:",
        "SPEC104",
        "`value` of InvocationsPerInstance is -1; it must be more than 0",
        "600, for example",
    ),
    Override(
        "min above the max of the spec",
        "scorer:\n  replicas:\n    min: 12",
        "min:",
        "SPEC104",
        "Autoscale has max=8, below min=12",
        "max: 12 or more, or a smaller min",
        note="min=2,",
    ),
    Override(
        "instance misspelt",
        "scorer:\n  instance: ml.m5.2xlrage",
        "instance:",
        "AWS101",
        "'ml.m5.2xlrage' is no SageMaker instance type",
        '"ml.m5.2xlarge" or "ml.m5.12xlarge" or "ml.m5.24xlarge"',
        note='prod="ml.m5.xlarge"',
    ),
    Override(
        "instance misspelt, the long way",
        "scorer:\n  on:\n    instance: ml.m5.2xlrage",
        "instance:",
        "AWS101",
        "'ml.m5.2xlrage' is no SageMaker instance type",
        '"ml.m5.2xlarge" or "ml.m5.12xlarge" or "ml.m5.24xlarge"',
        note='prod="ml.m5.xlarge"',
    ),
    Override(
        "workload with a word for its fields",
        "scorer: ml.m5.2xlarge",
        "scorer:",
        "SPEC202",
        "`mlstage:overrides` gives 'scorer' the value 'ml.m5.2xlarge', not a mapping of fields",
        "workloads, and below each the fields to override: `scorer: {instance: ml.m5.2xlarge}`",
    ),
    Override(
        "workload without fields",
        "scorer:",
        "scorer:",
        "SPEC202",
        "`mlstage:overrides` gives 'scorer' no fields",
        "workloads, and below each the fields to override: `scorer: {instance: ml.m5.2xlarge}`",
    ),
    Override(
        "JSON, as `pulumi config set` leaves it, with a slip",
        '\'{"scorer": {"instnace": "ml.m5.2xlarge"}}\'',
        "mlstage:overrides:",
        "SPEC204",
        "'scorer' has no field 'instnace' to override",
        "`instance:`",
    ),
    Override(
        "JSON that is none",
        "'{\"scorer\": '",
        "mlstage:overrides:",
        "SPEC202",
        "`mlstage:overrides` is a text that is no JSON: …",
        "workloads, and below each the fields to override: `scorer: {instance: ml.m5.2xlarge}`",
    ),
]


@pytest.mark.parametrize("slip", OVERRIDES, ids=lambda slip: slip.name)
def test_an_override_that_cannot_be_is_blamed_on_its_own_line(project: Project, slip: Override) -> None:
    project.stack("prod", slip.text)
    before = project.files()
    code, found = project.check()
    errors = [one for one in found if one.severity == "error"]
    said = [(one.code, _like(one.what, slip.what), _like(one.instead, slip.instead)) for one in errors]
    assert said == [(slip.code, slip.what, slip.instead)]
    assert errors[0].at == project.line(PROD, slip.at)
    overridden = (("this overrides the spec", project.line("environments/spec.py", slip.note)),) if slip.note else ()
    assert errors[0].notes == overridden
    assert code == 2
    compiled = project.run("compile")
    assert (compiled.code, project.files()) == (2, before)
    assert "Traceback" not in compiled.said


def _like(said: str, wanted: str) -> str:
    head = wanted.removesuffix("…")
    return wanted if head != wanted and said.startswith(head) else said


GOOD_YAML = "`config:` and below it, indented by spaces, `aws:region: us-east-1`"
FILES = {
    "bracket left open": (
        "config: [\n  aws:region: us-east-1\n",
        3,
        "SPEC201",
        "the file of stack 'prod' is no YAML: …",
        f"correct YAML there, such as {GOOD_YAML}",
    ),
    "tab for an indent": (
        "config:\n\taws:region: us-east-1\n",
        2,
        "SPEC201",
        "the file of stack 'prod' is no YAML: found character '\\t' that cannot start any token",
        f"correct YAML there, such as {GOOD_YAML}",
    ),
    "key twice": (
        "config:\n  aws:region: us-east-1\n  aws:region: us-west-2\n",
        3,
        "SPEC201",
        "the file of stack 'prod' has 'aws:region' twice",
        "one of the two",
    ),
    "Python in it": (
        "config: !!python/object/apply:os.system [ls]\n",
        1,
        "SPEC201",
        "the file of stack 'prod' is no YAML: could not determine a constructor for the tag …",
        f"correct YAML there, such as {GOOD_YAML}",
    ),
    "empty": ("", 0, "SPEC201", "the file of stack 'prod' has no `config:` with keys below it", GOOD_YAML),
    "list": ("- a\n", 0, "SPEC201", "the file of stack 'prod' has no `config:` with keys below it", GOOD_YAML),
    "no region": (
        "config:\n  acme:x: y\n",
        1,
        "SPEC201",
        "stack 'prod' has no aws:region",
        "`aws:region: us-east-1` below `config:`, or `pulumi config set aws:region us-east-1 --stack prod`",
    ),
    "region that is no text": (
        "config:\n  aws:region: [us-east-1]\n",
        2,
        "SPEC201",
        "aws:region of stack 'prod' is ['us-east-1'], not the name of a region",
        "`aws:region: us-east-1` below `config:`, or `pulumi config set aws:region us-east-1 --stack prod`",
    ),
    "region misspelt": (
        "config:\n  aws:region: us-eats-1\n",
        2,
        "AWS117",
        "'us-eats-1' is no AWS region",
        "`aws:region: us-east-1`…",
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_stack_file_that_cannot_be_used_is_told_on_its_line(project: Project, name: str) -> None:
    text, line, code, what, instead = FILES[name]
    project.write(PROD, text)
    exit_code, found = project.check()
    at = f"{PROD}:{line}" if line else PROD
    said = [(one.code, one.at, _like(one.what, what), _like(one.instead, instead)) for one in found]
    assert said == [(code, at, what, instead)]
    assert exit_code == 2


def test_a_stack_file_that_is_not_there_is_told_with_what_goes_into_it(project: Project) -> None:
    (project.root / PROD).unlink()
    _, found = project.check()
    assert [(one.code, one.at, one.what, one.instead) for one in found] == [
        (
            "SPEC201",
            PROD,
            "stack 'prod' has no file, so its region is not known",
            f"`{PROD}` with {GOOD_YAML}, or `pulumi config set aws:region us-east-1 --stack prod`",
        )
    ]


def test_a_stack_file_in_another_encoding_is_told(project: Project) -> None:
    (project.root / PROD).write_bytes("config:\n  acme:x: é\n".encode("latin-1"))
    _, found = project.check()
    assert [(one.code, one.at) for one in found] == [("SPEC201", PROD)]


def test_a_region_without_the_images_is_told_for_each_of_them(project: Project) -> None:
    project.stack("prod", region="eu-central-1")
    _, found = project.check()
    assert [(one.code, one.at, one.stack) for one in found] == [
        ("AWS106", project.line("environments/spec.py", "com/fraud:1"), "prod"),
        ("AWS106", project.line("environments/spec.py", "com/train:1"), "prod"),
    ]
    run = project.run("check")
    assert "but the stack is in eu-central-1 (stack 'prod')" in run.out


def test_all_overrides_of_both_stacks_are_told_in_one_run(project: Project) -> None:
    project.stack("prod", "scorer:\n  replicas: {min: two}\nscorre: {}\nexplore:\n  volume: much")
    project.stack("test", "scorer:\n  instance: ml.t3.medium")
    _, found = project.check()
    assert [(one.code, one.at) for one in found] == [
        ("SPEC103", project.line(PROD, "replicas:")),
        ("SPEC203", project.line(PROD, "scorre")),
        ("SPEC104", project.line(PROD, "volume")),
        ("AWS102", project.line("Pulumi.test.yaml", "instance:")),
    ]


def test_a_rule_that_objects_to_an_override_names_its_line(project: Project) -> None:
    project.stack("prod", "scorer:\n  purchase: spot")
    run = project.run("check")
    assert run.code == 1
    assert "error ML101: real-time endpoint 'scorer' runs on Spot in stack 'prod'" in run.out
    assert project.line(PROD, "purchase") in run.out


@pytest.mark.parametrize("command", ["preview", "up", "destroy"])
def test_a_stack_without_a_file_stops_the_engine_before_anything_is_written(project: Project, command: str) -> None:
    before = project.files()
    run = project.run(command, "--stack", "prd", "--offline")
    assert run.code == 2
    assert "there is no stack 'prd'" in run.err
    assert "did you mean prod?" in run.err
    assert project.files() == before
