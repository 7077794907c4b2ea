"""More programs in plain pulumi_aws, and one in YAML: what the pack says on the engine, a saved preview says too."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mlstage.diagnostics import Diagnostic, Kind, Severity
from mlstage.offline.yaml_language import find_yaml
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

# A whole project in YAML: training that a state machine starts on Spot, a worker on a queue, and a way out of the VPC.
YAML = """\
name: demo
runtime: yaml
variables:
  registry: 123456789012.dkr.ecr.us-east-1.amazonaws.com
resources:
  trainer:
    type: aws:iam:Role
    properties:
      assumeRolePolicy:
        fn::toJSON:
          Version: "2012-10-17"
          Statement:
            - {Effect: Allow, Action: sts:AssumeRole, Principal: {Service: sagemaker.amazonaws.com}}
  # Nothing in this definition is known later: it is judged as it stands.
  nightly:
    type: aws:sfn:StateMachine
    properties:
      roleArn: arn:aws:iam::123456789012:role/nightly
      definition:
        fn::toJSON:
          StartAt: Train
          States:
            Train:
              Type: Task
              Resource: arn:aws:states:::sagemaker:createTrainingJob.sync
              Parameters:
                TrainingJobName.$: $$.Execution.Name
                RoleArn: arn:aws:iam::123456789012:role/trainer
                AlgorithmSpecification: {TrainingImage: "${registry}/fraud-train:4.2", TrainingInputMode: File}
                OutputDataConfig: {S3OutputPath: "s3://acme-ml-models/fraud/"}
                ResourceConfig:
                  {InstanceType: ml.g5.xlarge, InstanceCount: 1, VolumeSizeInGB: 30, KeepAlivePeriodInSeconds: 600}
                StoppingCondition: {MaxRuntimeInSeconds: 7200, MaxWaitTimeInSeconds: 14400}
                EnableManagedSpotTraining: true
              End: true
  # This one hands a role of this stack on, so that a preview does not know it.
  weekly:
    type: aws:sfn:StateMachine
    properties:
      roleArn: arn:aws:iam::123456789012:role/nightly
      definition:
        fn::toJSON:
          StartAt: Train
          States:
            Train:
              Type: Task
              Resource: arn:aws:states:::sagemaker:createTrainingJob.sync
              Parameters: {RoleArn: "${trainer.arn}"}
              End: true
  task:
    type: aws:ecs:TaskDefinition
    properties:
      family: scorer
      cpu: "1024"
      memory: "2048"
      networkMode: awsvpc
      requiresCompatibilities: [FARGATE]
      containerDefinitions:
        fn::toJSON:
          - {name: scorer, image: "${registry}/scorer:latest", essential: true}
  worker:
    type: aws:ecs:Service
    properties:
      cluster: scoring
      taskDefinition: ${task.arn}
      desiredCount: 2
      capacityProviderStrategies: [{capacityProvider: FARGATE_SPOT, weight: 1}]
  network:
    type: aws:ec2:Vpc
    properties: {cidrBlock: 10.0.0.0/16}
  public:
    type: aws:ec2:Subnet
    properties: {vpcId: "${network.id}", cidrBlock: 10.0.0.0/24}
  routes:
    type: aws:ec2:RouteTable
    properties: {vpcId: "${network.id}"}
  out:
    type: aws:ec2:NatGateway
    properties: {subnetId: "${public.id}", allocationId: eipalloc-0a1b2c3d4e5f60718}
  to-nat:
    type: aws:ec2:Route
    properties: {routeTableId: "${routes.id}", destinationCidrBlock: 0.0.0.0/0, natGatewayId: "${out.id}"}
  # There, and on no route.
  to-s3:
    type: aws:ec2:VpcEndpoint
    properties: {vpcId: "${network.id}", serviceName: com.amazonaws.us-east-1.s3, vpcEndpointType: Gateway}
"""

YAML_IN_PRODUCTION: Verdict = [
    # What is undecided advises.
    ("advisory", "ML103", "weekly"),
    ("advisory", "ML105", "weekly"),
    ("advisory", "ML106", "weekly"),
    ("advisory", "ML109", "weekly"),
    ("mandatory", "ML103", "nightly"),
    ("mandatory", "ML105", "nightly"),
    ("mandatory", "ML208", "worker"),
    ("mandatory", "ML306", "out"),
    ("mandatory", "ML409", "task"),
]

PROGRAMS = [
    pytest.param(FUNCTIONS, FUNCTIONS_IN_PRODUCTION, id="functions"),
    pytest.param(DESKS, DESKS_IN_PRODUCTION, id="desks"),
]


def told(one: Diagnostic) -> tuple[str, str, str]:
    assert (one.kind is Kind.UNDECIDED) == (one.severity is Severity.NOTE), one
    return LEVELS[one.severity], one.code, one.subject.rpartition("::")[2]


@pytest.mark.parametrize(("program", "expected"), PROGRAMS)
def test_the_pack_and_a_saved_preview_give_a_program_its_verdict(
    project: OfflineProject, tmp_path: Path, program: str, expected: Verdict
) -> None:
    project.program(program)
    in_both_ways(project, tmp_path / "preview.json", expected)


def test_a_program_in_yaml_gets_its_verdict(project: OfflineProject, tmp_path: Path) -> None:
    find_yaml(project.engine)
    (project.root / "Pulumi.yaml").write_text(YAML, encoding="utf-8")
    in_both_ways(project, tmp_path / "preview.json", YAML_IN_PRODUCTION)


def in_both_ways(project: OfflineProject, file: Path, expected: Verdict) -> None:
    """Ask the pack in a preview, and then the preview itself as the engine writes it."""
    said = preview(project, "prod", fails=True)
    # No program has all tags; that is told apart.
    assert [one for one in verdict(said) if one[1] != "ML501"] == expected, said
    saved = project.pulumi("preview", "--json", stack="prod")
    file.write_text(saved[saved.index("{") : saved.rindex("}") + 1], encoding="utf-8")
    judged = judge_preview(file, Terms(TODAY))
    assert judged.tier.because == "the stack is named 'prod'"
    assert judged.not_judged == {}
    assert sorted(told(one) for one in judged.diagnostics if one.code != "ML501") == expected
