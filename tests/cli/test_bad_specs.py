"""What people get wrong in a spec: each is told on its own line with a cure, and nothing is written."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.project_support import SPEC, Project


@dataclass(frozen=True)
class Bad:
    """One slip: what is typed instead of what, and all that must be said of it. `at` marks the line to blame.

    `what` may end in `…` where it lists what grows with the language.
    """

    name: str
    right: str
    wrong: str
    at: str
    code: str
    what: str
    instead: str
    stack: str = ""


TYPES = [
    Bad(
        "instance misspelt",
        '"ml.m5.xlarge"',
        '"ml.m5.xlrage"',
        "xlrage",
        "AWS101",
        "'ml.m5.xlrage' is no SageMaker instance type",
        '"ml.m5.xlarge" or "ml.m5.2xlarge" or "ml.m5.4xlarge"',
        "prod",
    ),
    Bad(
        "instance as EC2 calls it",
        '"ml.m5.xlarge"',
        '"m5.xlarge"',
        '"m5.xlarge"',
        "AWS101",
        "'m5.xlarge' is what EC2 calls the type; SageMaker's name begins with `ml.`",
        '"ml.m5.xlarge"',
        "prod",
    ),
    Bad(
        "type that cannot host, under auto-scaling",
        '"ml.m5.xlarge"',
        '"ml.t3.medium",  # here',
        "# here",
        "AWS102",
        "ml.t3.medium is not offered for real-time endpoints",
        '"ml.c6i.large" or "ml.c6in.large" or "ml.c7i.large"',
        "prod",
    ),
    Bad(
        "type that cannot host, without auto-scaling",
        '"ml.t2.medium"',
        '"ml.t3.large"',
        '"ml.t3.large"',
        "AWS102",
        "ml.t3.large is not offered for real-time endpoints",
        '"ml.t2.large" or "ml.m7i.large" or "ml.m5.large"',
        "test",
    ),
    Bad(
        "burstable type with auto-scaling",
        '"ml.m5.xlarge"',
        '"ml.t2.medium"',
        "prod=Autoscale(",
        "AWS103",
        "ml.t2.medium is burstable, and SageMaker does not auto-scale burstable instances",
        'a number of replicas, or an instance such as "ml.c6i.large" or "ml.c6in.large" or "ml.c7i.large"',
        "prod",
    ),
    Bad(
        "type for training that only hosts",
        '"ml.c5.xlarge"',
        '"ml.inf2.xlarge"',
        '"ml.inf2.xlarge"',
        "AWS102",
        "ml.inf2.xlarge is not offered for training",
        '"ml.trn1.2xlarge"',
    ),
    Bad(
        "image for the other architecture",
        '"ml.t2.medium"',
        '"ml.c7g.large"',
        "model = Model(",
        "AWS113",
        "the model's image is x86_64, but ml.c7g.large runs arm64",
        'an image built for arm64, with architecture="arm64", or another instance type',
        "test",
    ),
    Bad(
        "Inferentia without a compiled model",
        '"ml.m5.xlarge"',
        '"ml.inf2.xlarge"',
        "model = Model(",
        "AWS110",
        "ml.inf2.xlarge runs only models compiled for Neuron, and this one does not say that it is",
        'Model(…, compiled_for="inf2") with the compiled artifact',
        "prod",
    ),
]

FIELDS = [
    Bad(
        "field misspelt",
        "max_runtime=",
        "max_runtme=",
        "max_runtme",
        "SPEC101",
        "Training has no field `max_runtme`",
        "`max_runtime`",
    ),
    Bad(
        "required field misspelt: told once",
        '            instance="ml.t3.medium"',
        '            instnace="ml.t3.medium"',
        "instnace",
        "SPEC101",
        "Notebook has no field `instnace`",
        "`instance`",
    ),
    Bad(
        "field of nothing",
        'owner="payments",',
        'owner="payments", flavour="sweet",',
        "flavour",
        "SPEC101",
        "Environment has no field `flavour`",
        "one of name, owner, workloads, stages, tags, watch, may_differ",
    ),
    Bad(
        "required field missing",
        '            image="123456789012.dkr.ecr.us-east-1.amazonaws.com/train:1",\n',
        "",
        "Training(",
        "SPEC102",
        "Training needs `image`",
        'image="123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud:1.7", for example',
    ),
    Bad(
        "number for a duration",
        '"2h"',
        "3",
        "max_runtime",
        "SPEC103",
        "`max_runtime` of Training is 3, a number; it takes a duration",
        'max_runtime="2h", for example',
    ),
    Bad(
        "number in a text, for one stage",
        "test=1,",
        'test="1",',
        'test="1"',
        "SPEC103",
        "`replicas` of RealtimeEndpoint for stage `test` is '1', a text; it takes a whole number from 1 or …",
        "test=1",
    ),
    Bad(
        "no replicas",
        "test=1,",
        "test=0,",
        "test=0",
        "SPEC104",
        "`replicas` of RealtimeEndpoint for stage `test` is 0; it must be 1 or more",
        "test=1",
    ),
    Bad(
        "bare number as a metric",
        "InvocationsPerInstance(600)",
        "600",
        "target=600",
        "SPEC103",
        "`target` of Autoscale is 600, a number; it takes InvocationsPerInstance(…), CpuUtilization(…), …",
        "target=InvocationsPerInstance(600), for example",
    ),
    Bad(
        "metric of nothing",
        "InvocationsPerInstance(600)",
        "InvocationsPerInstance(-5)",
        "InvocationsPerInstance(-5)",
        "SPEC104",
        "`value` of InvocationsPerInstance is -5; it must be more than 0",
        "InvocationsPerInstance(600), for example",
    ),
    Bad(
        "metric without end",
        "InvocationsPerInstance(600)",
        'InvocationsPerInstance(float("inf"))',
        'float("inf")',
        "SPEC104",
        "`value` of InvocationsPerInstance is inf",
        "InvocationsPerInstance(600), for example",
    ),
    Bad(
        "value without its name",
        'SageMaker(instance="ml.c5.xlarge")',
        'SageMaker("ml.c5.xlarge")',
        'SageMaker("ml.c5.xlarge")',
        "SPEC111",
        "SageMaker takes its values by name; 'ml.c5.xlarge', a text, has none",
        'instance="ml.c5.xlarge", if that is what it is',
    ),
    Bad(
        "second value without its name",
        '                timezone="Europe/Berlin",\n',
        '                "Europe/Berlin",\n',
        '"Europe/Berlin"',
        "SPEC111",
        "WorkingHours takes its values by name; 'Europe/Berlin', a text, has none",
        'timezone="Europe/Berlin", if that is what it is',
    ),
    Bad(
        "class in place of a value of it",
        'on=SageMaker(instance="ml.c5.xlarge")',
        "on=SageMaker",
        "on=SageMaker,",
        "SPEC103",
        "`on` of Training is the class SageMaker itself; it takes SageMaker(…), …",
        'on=SageMaker(instance="ml.m5.xlarge")',
    ),
    Bad(
        "item of a list",
        "        Notebook(\n",
        '        "training",\n        Notebook(\n',
        '        "training",',
        "SPEC103",
        "`workloads[2]` of Environment is 'training', a text; it takes RealtimeEndpoint(…), AsyncEndpoint(…), …",
        'Training(name="fraud-scorer", …)',
    ),
    Bad(
        "item of a dict, on its own line",
        '                "train": "s3://acme-data/train/",\n',
        '                "train": "s3://acme-data/train/",\n                "validation": 5,\n',
        '"validation": 5',
        "SPEC103",
        '`inputs["validation"]` of Training is 5, a number; it takes an S3 address',
        '"validation": "s3://bucket/prefix/", for example',
    ),
    Bad(
        "number among hyperparameters",
        'max_runtime="2h",',
        'hyperparameters={"epochs": 3},\n            max_runtime="2h",',
        "epochs",
        "SPEC103",
        '`hyperparameters["epochs"]` of Training is 3, a number; it takes a text',
        '"epochs": "3"',
    ),
    Bad(
        "dict in place of a value of the language",
        'on=SageMaker(instance="ml.c5.xlarge")',
        'on={"instance": "ml.c5.xlarge"}',
        "on={",
        "SPEC103",
        "`on` of Training is {'instance': 'ml.c5.xlarge'}, a dict; it takes SageMaker(…), …",
        'on=SageMaker(instance="ml.m5.xlarge"), for example',
    ),
]

SCALING = [
    Bad(
        "min above max",
        "min=2,",
        "min=9,",
        "max=8",
        "SPEC104",
        "Autoscale has max=8, below min=9",
        "max=9 or more, or a smaller min",
        "prod",
    ),
    Bad(
        "real-time endpoint that scales to nothing",
        "min=2,",
        "min=0,",
        "min=0",
        "AWS114",
        "a real-time endpoint cannot scale to 0: `min` is 0",
        "min=1, or an endpoint that can wait for an instance",
        "prod",
    ),
    Bad(
        "CPU above all of it",
        "target=InvocationsPerInstance(600)",
        "target=CpuUtilization(140)",
        "CpuUtilization(140)",
        "SPEC104",
        "CpuUtilization(140) can never be reached: it is a percentage of the whole",
        "CpuUtilization(70), for example",
        "prod",
    ),
]

STAGES = [
    Bad(
        "stage misspelt where it matters: told once",
        "prod=Autoscale(",
        "prd=Autoscale(",
        "prd=",
        "SPEC112",
        "`per_stage` of `replicas` names 'prd', which is no stage of 'fraud'",
        "prod=…",
    ),
    Bad(
        "stage misspelt where the value may be absent",
        'per_stage(prod="rate(1 day)")',
        'per_stage(prd="rate(1 day)")',
        "prd=",
        "SPEC112",
        "`per_stage` of `schedule` names 'prd', which is no stage of 'fraud'",
        "prod=…",
    ),
    Bad(
        "per_stage without the stack",
        "                test=1,\n",
        "",
        "replicas=per_stage(",
        "SPEC106",
        "`per_stage` of `replicas` has no value for stack 'test'",
        "test=…, or default=… for every other stack",
        "test",
    ),
    Bad(
        "tier of nothing",
        'owner="payments",',
        'owner="payments", stages={"test": Stage(tier="tst"), "prod": Stage(tier="production")},',
        "tst",
        "SPEC103",
        '`tier` of Stage is \'tst\', a text; it takes "test" or "production"',
        'tier="test"',
    ),
    Bad(
        "no stages",
        'owner="payments",',
        'owner="payments", stages={},',
        "stages={}",
        "SPEC104",
        "`stages` of Environment is empty",
        'stages={"test": Stage(tier="test")}, for example',
    ),
    Bad(
        "stage that Pulumi cannot name",
        'owner="payments",',
        'owner="payments", stages={"my stage": Stage(tier="test")},',
        "my stage",
        "SPEC104",
        "'my stage' is no name of a Pulumi stack",
        '"my-stage": letters, digits, hyphens, underscores and periods',
    ),
    Bad(
        "stage named default",
        'owner="payments",',
        'owner="payments", stages={"default": Stage(tier="test")},',
        "stages=",
        "SPEC104",
        "a stage is named 'default', which in per_stage means every other stage",
        '"dev", for example',
    ),
    Bad(
        "network without subnets",
        'owner="payments",',
        'owner="payments", stages={"test": Stage(tier="test", network=Network(vpc="vpc-0a1b2c3d4e5f67890", '
        'subnets=[], security_groups=["sg-0a1b2c3d4e5f67890"])), "prod": Stage(tier="production")},',
        "subnets=[]",
        "SPEC104",
        "`subnets` of Network is empty",
        'subnets=["subnet-0a1b2c3d4e5f67890"], for example',
    ),
]

LONG = "s" * 70
NAMES = [
    Bad(
        "name of 70 characters",
        'name="scorer"',
        f'name="{LONG}"',
        LONG,
        "AWS105",
        f"name '{LONG}' has 70 characters; AWS takes at most 63",
        f'a shorter name, such as "{LONG[:24]}"',
    ),
    Bad(
        "name with an underscore",
        'name="scorer"',
        'name="my_scorer"',
        "my_scorer",
        "AWS105",
        "name 'my_scorer' is not lower-case letters, digits and single hyphens",
        'name="my-scorer"',
    ),
    Bad(
        "name that begins with a digit",
        'name="scorer"',
        'name="2nd-Scorer-"',
        "2nd",
        "AWS105",
        "name '2nd-Scorer-' is not lower-case letters, digits and single hyphens",
        'name="nd-scorer"',
    ),
    Bad(
        "name of nothing",
        'name="scorer"',
        'name=""',
        'name=""',
        "SPEC104",
        "a name is empty",
        'name="fraud-scorer", for example',
    ),
    Bad(
        "two workloads of one name",
        'name="explore"',
        """name='scorer'""",
        """name='scorer'""",
        "SPEC113",
        "two workloads of 'fraud' are named 'scorer'",
        'name="scorer-2" for one of them, or any other',
    ),
    Bad(
        "workload said to be another that is there",
        'name="explore",',
        'name="explore",\n            formerly="scorer",',
        "formerly",
        "SPEC113",
        "workload 'explore' is said to have been 'scorer', as another one is or was",
        "leave `formerly` out: the other one keeps what is deployed under that name",
    ),
    Bad(
        "workload said to have been itself",
        'name="explore",',
        'name="explore",\n            formerly="explore",',
        "formerly",
        "SPEC113",
        "workload 'explore' is said to have had the name that it has",
        "leave `formerly` out, or give the name that it had before",
    ),
    Bad(
        "names that meet only once they are joined",
        'name="explore"',
        'name="training-pipeline"',
        "Notebook(",
        "SPEC113",
        "'fraud/training' and 'fraud/training-pipeline' would both have a aws.iam.Role named "
        "'fraud-training-pipeline-role'",
        'name="training-pipeline-2", or any other name',
    ),
    Bad(
        "nobody to call",
        'owner="payments"',
        'owner="  "',
        "owner=",
        "SPEC104",
        "the environment has no owner",
        'owner="payments-ml": the team to call',
    ),
]

TEXTS = [
    Bad(
        "S3 address without its scheme",
        '"s3://acme-data/train/"',
        '"acme-data/train/"',
        '"acme-data/train/"',
        "SPEC104",
        "'acme-data/train/' is no S3 address",
        '"s3://bucket/prefix/", for example',
    ),
    Bad(
        "S3 address of a bucket that cannot be",
        '"s3://acme-data/train/"',
        '"s3://Acme_Data/train/"',
        '"s3://Acme_Data/train/"',
        "SPEC104",
        "'s3://Acme_Data/train/' is no S3 address: 'Acme_Data' is no name of a bucket",
        "3 to 63 small letters, digits, periods and hyphens, a letter or digit at both ends",
    ),
    Bad(
        "S3 address that IAM would read as a pattern",
        '"s3://acme-data/train/"',
        '"s3://acme-data/*/train/"',
        "acme-data/*",
        "SPEC104",
        "S3 address 's3://acme-data/*/train/' has a character that IAM reads as a pattern",
        "a key without *, ?, ${ or control characters",
    ),
    Bad(
        "image without its registry",
        '"123456789012.dkr.ecr.us-east-1.amazonaws.com/train:1"',
        '"train:1"',
        '"train:1"',
        "SPEC104",
        "'train:1' is no container image address",
        '"123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud:1.7", for example',
    ),
    Bad(
        "image of another region",
        "123456789012.dkr.ecr.us-east-1.amazonaws.com/train:1",
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com/train:1",
        "train:1",
        "AWS106",
        "image 'train' lies in eu-west-1, but the stack is in us-east-1",
        '"123456789012.dkr.ecr.us-east-1.amazonaws.com/train:1" (ECR can replicate the repository there)',
    ),
    Bad(
        "plural of one day",
        "rate(1 day)",
        "rate(1 days)",
        "rate(1 days)",
        "SPEC104",
        "'rate(1 days)' is no rate that EventBridge takes",
        '"rate(1 day)"',
    ),
    Bad(
        "cron of Unix",
        "rate(1 day)",
        "0 3 * * *",
        "0 3 * * *",
        "SPEC104",
        "'0 3 * * *' is no EventBridge schedule",
        '"cron(0 3 * * ? *)" (minute hour day-of-month month day-of-week year) or "rate(1 day)"',
    ),
    Bad(
        "longer than AWS lets a job run",
        '"2h"',
        '"40d"',
        "40d",
        "AWS108",
        "max_runtime='40d' is longer than the 28 days that a training job may run",
        'max_runtime="28d" or less, restarting from a checkpoint',
    ),
    Bad(
        "hours across midnight",
        "Mon-Fri 08:00-18:00",
        "Mon-Fri 18:00-08:00",
        "18:00-08:00",
        "SPEC104",
        "'Mon-Fri 18:00-08:00' ends before it starts; hours across midnight would leave the notebook running overnight",
        "an end after 18:00 on the same day",
    ),
    Bad(
        "city for a time zone",
        '"Europe/Berlin"',
        '"Berlin"',
        '"Berlin"',
        "SPEC104",
        "'Berlin' is no time zone",
        '"Europe/Berlin"',
    ),
    Bad(
        "no time zone",
        '                timezone="Europe/Berlin",\n',
        "",
        "WorkingHours(\n",
        "SPEC102",
        "WorkingHours needs `timezone`",
        'timezone="Europe/Berlin", for example',
    ),
    Bad(
        "idle for a minute",
        'stop_when_idle="1h"',
        'stop_when_idle="1m"',
        "stop_when_idle",
        "SPEC104",
        "stop_when_idle='1m' is shorter than the idleness check can see",
        'stop_when_idle="10m" or more',
    ),
    Bad(
        "tag that is AWS's own",
        'owner="payments",',
        'owner="payments",\n    tags={"aws:team": "x"},',
        "tags=",
        "AWS119",
        "tag 'aws:team' begins with 'aws:', which is AWS's own",
        "'team', for example",
    ),
    Bad(
        "tag value that AWS refuses",
        'owner="payments",',
        'owner="payments",\n    tags={"team": "a*b"},',
        "tags=",
        "AWS119",
        "the value of tag 'team' has characters that AWS refuses: '*'",
        "letters, digits, spaces, _.:/=+-@",
    ),
    Bad(
        "waiver without a reason",
        'name="explore",',
        'name="explore",\n            waivers=[waive("ML102", reason=" ", until="2027-01-31")],',
        "waivers=",
        "SPEC115",
        "the waiver gives no reason",
        'reason="why this is right here", for the next reader',
    ),
    Bad(
        "waiver without an end",
        'name="explore",',
        'name="explore",\n            waivers=[waive("ML102", reason="tried")],',
        "waivers=",
        "SPEC107",
        "the spec stops with TypeError: waive() missing 1 required keyword-only argument: 'until'",
        "waive(…, reason=…, until=…)",
    ),
    Bad(
        "waiver of what no rule says",
        'name="explore",',
        'name="explore",\n            waivers=[waive("AWS102", reason="tried", until="2027-01-31")],',
        "waivers=",
        "SPEC104",
        "'AWS102' is no rule id",
        'an id from `mlstage rules`, such as "ML102"',
    ),
]

EVERY = [*TYPES, *FIELDS, *SCALING, *STAGES, *NAMES, *TEXTS]
IMPORTS = {"CpuUtilization", "Network", "Stage", "waive"}


def made_wrong(*slips: Bad) -> str:
    text = SPEC
    for slip in slips:
        assert text.count(slip.right) == 1, f"{slip.right!r} stands {text.count(slip.right)} times in the sample"
        text = text.replace(slip.right, slip.wrong)
        for name in sorted(IMPORTS):
            if f"{name}(" in slip.wrong and f"    {name},\n" not in text:
                text = text.replace("from mlstage import (\n", f"from mlstage import (\n    {name},\n")
    return text


def _like(said: str, wanted: str) -> str:
    head = wanted.removesuffix("…")
    return wanted if head != wanted and said.startswith(head) else said


@pytest.mark.parametrize("slip", EVERY, ids=lambda slip: slip.name)
def test_a_slip_is_told_on_its_line_with_a_cure_and_nothing_is_written(project: Project, slip: Bad) -> None:
    project.spec(made_wrong(slip))
    before = project.files()
    code, found = project.check()
    errors = [one for one in found if one.severity == "error"]
    assert [(one.code, _like(one.what, slip.what), one.instead, one.stack) for one in errors] == [
        (slip.code, slip.what, slip.instead, slip.stack)
    ]
    assert errors[0].at == project.line("environments/spec.py", slip.at.rstrip("\n"))
    assert code == 2
    assert project.files() == before
    compiled = project.run("compile")
    assert (compiled.code, project.files()) == (2, before), compiled.said
    assert f"{errors[0].at}: error {slip.code}: " in compiled.err
    assert "Traceback" not in compiled.said


def test_all_slips_of_a_phase_are_told_in_one_run_by_line(project: Project) -> None:
    slips = [
        next(one for one in EVERY if one.name == name)
        for name in ("name with an underscore", "no replicas", "field misspelt", "city for a time zone")
    ]
    project.spec(made_wrong(*slips))
    project.spec("import nothing_of_that_name\n", "another")
    code, found = project.check()
    assert code == 2
    assert [(one.code, one.at) for one in found] == [
        ("SPEC108", "environments/another.py:1"),
        *((slip.code, project.line("environments/spec.py", slip.at)) for slip in slips),
    ]


def test_the_text_shows_place_code_reason_and_cure(project: Project) -> None:
    project.spec(made_wrong(next(one for one in NAMES if one.name == "name with an underscore")))
    run = project.run("check")
    place = project.line("environments/spec.py", "my_scorer")
    assert run.out == (
        f"{place}: error AWS105: name 'my_scorer' is not lower-case letters, digits and single hyphens\n"
        "  SageMaker, ECS and Kubernetes all take this form, so the workload can move between them.\n"
        '  fix: name="my-scorer"\n'
    )
    assert run.err == "1 error\n"


def test_the_stack_is_named_where_only_one_has_the_problem(project: Project) -> None:
    project.spec(made_wrong(TYPES[0]))
    run = project.run("check")
    assert "is no SageMaker instance type (stack 'prod')\n" in run.out
    assert run.err == "1 error; free of errors: fraud in test\n"


def test_github_gets_the_line_and_the_cure(project: Project) -> None:
    project.spec(made_wrong(FIELDS[0]))
    run = project.run("check", "--format", "github")
    line = project.line("environments/spec.py", "max_runtme").rpartition(":")[2]
    assert run.out == (
        f"::error file=environments/spec.py,line={line},endLine={line},col=13,title=SPEC101::"
        "Training has no field `max_runtme`%0Afix: `max_runtime`\n"
    )
