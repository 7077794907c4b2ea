"""Each wrong input is refused with the property that is wrong."""

import json
from typing import Any

import pytest

from mlstage.offline.provider.check import faults, unknown_type
from mlstage.offline.provider.schema import ResourceType, resource_type
from mlstage.offline.provider.values import UNKNOWN
from tests.engine_support import OfflineProject

CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})


def kind(token: str) -> ResourceType:
    found = resource_type(token)
    assert found is not None
    return found


def variant(**changes: Any) -> dict[str, Any]:
    return {"productionVariants": [{"modelName": "m", "instanceType": "ml.m5.large", **changes}]}


@pytest.mark.parametrize(
    ("token", "inputs", "fault"),
    [
        (
            CONFIGURATION,
            variant(instanceTyp="ml.m5.large"),
            f"productionVariants[0].instanceTyp: not a property of {CONFIGURATION}; did you mean instanceType",
        ),
        (
            CONFIGURATION,
            variant(serverless_config={"memorySizeInMb": 1024, "maxConcurrency": 1}),
            f"productionVariants[0].serverless_config: not a property of {CONFIGURATION}; did you mean serverlessC",
        ),
        (
            CONFIGURATION,
            variant(serverlessConfig={"maxConcurrency": 1}),
            f"productionVariants[0].serverlessConfig.memorySizeInMb: missing; {CONFIGURATION} requires it",
        ),
        (
            CONFIGURATION,
            variant(initialInstanceCount="one"),
            "productionVariants[0].initialInstanceCount: is text, and must be a whole number",
        ),
        (
            CONFIGURATION,
            variant(initialInstanceCount=1.5),
            "productionVariants[0].initialInstanceCount: is a number, and must be a whole number",
        ),
        (
            CONFIGURATION,
            variant(enableSsmAccess=1.0),
            "productionVariants[0].enableSsmAccess: is a number, and must be true or false",
        ),
        (
            CONFIGURATION,
            variant(managedInstanceScaling="on"),
            "productionVariants[0].managedInstanceScaling: is text, and must be an object with "
            "maxInstanceCount, minInstanceCount, status",
        ),
        (CONFIGURATION, {}, f"productionVariants: missing; {CONFIGURATION} requires it"),
        (CONFIGURATION, {"productionVariants": {}}, "productionVariants: is a mapping, and must be a list"),
        (CONFIGURATION, {**variant(), "tags": ["a"]}, "tags: is a list, and must be a mapping"),
        (
            CONFIGURATION,
            {**variant(), "tags": {"cost.center": 7}},
            'tags["cost.center"]: is a number, and must be text',
        ),
        (
            CONFIGURATION,
            {**variant(), "asyncInferenceConfig": {"outputConfig": {"s3OutputPath": True}}},
            "asyncInferenceConfig.outputConfig.s3OutputPath: is true or false, and must be text",
        ),
        (
            "aws:iam/role:Role",
            {"assumeRolePolicy": "{'Version': 1}"},
            "assumeRolePolicy: AWS reads a JSON document here, and this text is none: Expecting property name",
        ),
        (
            "aws:iam/role:Role",
            {"assumeRolePolicy": TRUST, "inlinePolicies": [{"policy": TRUST}, {"policy": "[]"}]},
            "inlinePolicies[1].policy: AWS reads a JSON object here, not list",
        ),
        (
            "aws:iam/role:Role",
            {"assumeRolePolicy": {"Version": "2012-10-17", "Statement": [{"Efect": "Allow", "Effect": "Allow"}]}},
            "assumeRolePolicy.Statement[0].Efect: not a property of aws:iam/role:Role; did you mean Effect",
        ),
        (
            "aws:sagemaker/pipeline:Pipeline",
            {"pipelineName": "p", "pipelineDisplayName": "p", "pipelineDefinition": '{"Steps": [}'},
            "pipelineDefinition: AWS reads a JSON document here, and this text is none: Expecting value",
        ),
        (
            "aws:ecs/taskDefinition:TaskDefinition",
            {"family": "f", "containerDefinitions": "{}"},
            "containerDefinitions: AWS reads a JSON list here, not dict",
        ),
    ],
)
def test_faults(token: str, inputs: dict[str, Any], fault: str) -> None:
    found = faults(kind(token), inputs)
    assert [text[: len(fault)] for text in found] == [fault]


@pytest.mark.parametrize(
    ("token", "inputs"),
    [
        (CONFIGURATION, {**variant(), "tags": {"a": "b"}, "kmsKeyArn": UNKNOWN}),
        (CONFIGURATION, {"productionVariants": UNKNOWN}),
        (CONFIGURATION, {"productionVariants": [UNKNOWN]}),
        (CONFIGURATION, variant(instanceType=UNKNOWN, initialInstanceCount=2.0)),
        ("aws:iam/role:Role", {"assumeRolePolicy": TRUST}),
        ("aws:iam/role:Role", {"assumeRolePolicy": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]}}),
        ("aws:iam/role:Role", {"assumeRolePolicy": UNKNOWN, "inlinePolicies": [{"policy": UNKNOWN}]}),
    ],
)
def test_right_inputs_pass(token: str, inputs: dict[str, Any]) -> None:
    assert faults(kind(token), inputs) == []


def test_a_secret_is_not_shown() -> None:
    inputs = {"name": "n", "type": "SecureString", "tier": {"hidden": "s3cret"}}
    assert not [fault for fault in faults(kind("aws:ssm/parameter:Parameter"), inputs) if "s3cret" in fault]


def test_an_unknown_type_has_nearest_names() -> None:
    assert unknown_type("aws:sagemaker/modle:Model") == (
        "aws:sagemaker/modle:Model is no resource type of the installed pulumi_aws;"
        " did you mean aws:sagemaker/model:Model or aws:sagemaker/modelCard:ModelCard?"
    )


@pytest.mark.engine
def test_the_engine_reports_all_of_a_resource(project: OfflineProject) -> None:
    project.program(
        'variants = [{"variant_name": "main", "model_name": 7, "instanceTyp": "ml.m5.large"}]\n'
        'aws.sagemaker.EndpointConfiguration("settings", production_variants=variants)\n'
    )
    said = project.pulumi("preview", fails=True)
    problem = f"error: {CONFIGURATION} resource 'settings' has a problem: productionVariants[0]"
    assert f"{problem}.modelName: is a number, and must be text" in said
    assert f"{problem}.instanceTyp: not a property of {CONFIGURATION}; did you mean instanceType" in said
    assert "Traceback" not in said
    assert project.events() == []


@pytest.mark.engine
def test_the_engine_reports_an_unknown_type(project: OfflineProject) -> None:
    project.program('pulumi.CustomResource("aws:sagemaker/modle:Model", "typo", {}, None)\n')
    said = project.pulumi("preview", fails=True)
    assert "resource 'typo' has a problem: aws:sagemaker/modle:Model is no resource type of the installed" in said


@pytest.mark.engine
def test_a_region_is_needed(project: OfflineProject, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    project.stack("test", "demo:nothing: here")
    project.program('aws.cloudwatch.LogGroup("log")\n')
    assert "the AWS provider needs a region: `pulumi config set aws:region" in project.pulumi("preview", fails=True)
