"""More programs in plain pulumi_aws: what the pack says on the real engine, a saved preview says as well."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mlstage.diagnostics import Diagnostic, Kind, Severity
from mlstage.readers.saved import Terms, judge_preview
from tests.engine_support import OfflineProject
from tests.policies.test_engine import Verdict, preview, verdict

pytestmark = pytest.mark.engine

TODAY = date(2026, 11, 24)
LEVELS = {Severity.ERROR: "mandatory", Severity.WARNING: "advisory", Severity.NOTE: "advisory"}

# Functions from images, in a loop and in a class, as people write them.
FUNCTIONS = """
trust = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}]})


class Function(pulumi.ComponentResource):
    def __init__(self, name, image, retention=None, variables=None):
        super().__init__("acme:ml:Function", name)
        inside = pulumi.ResourceOptions(parent=self)
        self.role = aws.iam.Role(f"{name}-role", assume_role_policy=trust, opts=inside)
        self.logs = aws.cloudwatch.LogGroup(
            f"{name}-logs", name=f"/aws/lambda/{name}", retention_in_days=retention, opts=inside
        )
        self.function = aws.lambda_.Function(
            name,
            name=name,
            role=self.role.arn,
            package_type="Image",
            image_uri=f"123456789012.dkr.ecr.us-east-1.amazonaws.com/{image}",
            environment={"variables": variables or {}},
            publish=True,
            opts=inside,
        )
        self.register_outputs({})


scorer = Function("scorer", "scorer:3", retention=30)
live = aws.lambda_.Alias("live", function_name=scorer.function.name, function_version=scorer.function.version)
aws.lambda_.ProvisionedConcurrencyConfig(
    "live", function_name=live.function_name, qualifier=live.name, provisioned_concurrent_executions=5
)
aws.lambda_.FunctionUrl("signed", function_name=scorer.function.name, qualifier=live.name, authorization_type="AWS_IAM")

demo = Function("demo", "demo", variables={"DB_PASSWORD": "correct-horse-battery", "MODEL": "s3://acme/demo/"})
aws.lambda_.FunctionUrl("anybody", function_name=demo.function.name, authorization_type="NONE")
aws.iam.RolePolicyAttachment("all", role=demo.role.name, policy_arn="arn:aws:iam::aws:policy/AdministratorAccess")
"""

FUNCTIONS_IN_PRODUCTION: Verdict = [
    ("advisory", "ML209", "demo"),
    ("advisory", "ML210", "live"),
    ("mandatory", "ML207", "live"),
    ("mandatory", "ML305", "demo-logs"),
    ("mandatory", "ML403", "all"),
    ("mandatory", "ML407", "demo"),
    ("mandatory", "ML408", "anybody"),
    ("mandatory", "ML409", "demo"),
    ("mandatory", "ML502", "demo"),
    ("mandatory", "ML502", "scorer"),
]

# Notebooks, one of which stops and is closed; the script that stops it stands in a file of its own.
DESKS = """
import base64

role = aws.iam.Role("desk", assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "sagemaker.amazonaws.com"}}]}))
script = "#!/bin/bash\\npython3 autostop.py --time 3600 --ignore-connections\\n"
stops = aws.sagemaker.NotebookInstanceLifecycleConfiguration(
    "stops", on_start=base64.b64encode(script.encode()).decode()
)
key = aws.kms.Key("key", enable_key_rotation=True)
subnet = "subnet-0123456789abcdef0"
aws.sagemaker.NotebookInstance(
    "closed",
    role_arn=role.arn,
    instance_type="ml.t3.medium",
    kms_key_id=key.id,
    lifecycle_config_name=stops.name,
    root_access="Disabled",
    direct_internet_access="Disabled",
    subnet_id=subnet,
    security_groups=["sg-0123456789abcdef0"],
)
for name, kind in (("large", "ml.p3.2xlarge"), ("small", "ml.t3.medium")):
    aws.sagemaker.NotebookInstance(name, role_arn=role.arn, instance_type=kind)
"""

DESKS_IN_PRODUCTION: Verdict = [
    ("advisory", "ML303", "closed"),
    ("advisory", "ML303", "large"),
    ("advisory", "ML303", "small"),
    ("mandatory", "ML107", "large"),
    ("mandatory", "ML302", "large"),
    ("mandatory", "ML302", "small"),
    ("mandatory", "ML402", "large"),
    ("mandatory", "ML402", "small"),
    ("mandatory", "ML404", "large"),
    ("mandatory", "ML404", "small"),
    ("mandatory", "ML405", "large"),
    ("mandatory", "ML405", "small"),
]

PROGRAMS = [
    pytest.param(FUNCTIONS, FUNCTIONS_IN_PRODUCTION, id="functions"),
    pytest.param(DESKS, DESKS_IN_PRODUCTION, id="desks"),
]


def told(one: Diagnostic) -> tuple[str, str, str]:
    assert one.kind is Kind.PROBLEM, one
    return LEVELS[one.severity], one.code, one.subject.rpartition("::")[2]


@pytest.mark.parametrize(("program", "expected"), PROGRAMS)
def test_the_pack_and_a_saved_preview_give_a_program_its_verdict(
    project: OfflineProject, tmp_path: Path, program: str, expected: Verdict
) -> None:
    project.program(program)
    said = preview(project, "prod", fails=True)
    # No program has all tags; that is told apart.
    assert [one for one in verdict(said) if one[1] != "ML501"] == expected, said
    saved = project.pulumi("preview", "--json", stack="prod")
    file = tmp_path / "preview.json"
    file.write_text(saved[saved.index("{") :], encoding="utf-8")
    judged = judge_preview(file, Terms(TODAY))
    assert judged.tier.because == "the stack is named 'prod'"
    assert judged.not_judged == {}
    assert sorted(told(one) for one in judged.diagnostics if one.code != "ML501") == expected
