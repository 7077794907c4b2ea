"""A stack comes up, stays as it is, changes as AWS would change it, and goes without a trace."""

import json
from pathlib import Path

import pytest

from mlstage.offline.provider.world import World
from tests.engine_support import OfflineProject

pytestmark = pytest.mark.engine

SERVING = """\
config = pulumi.Config()
trust = json.dumps({
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}],
})
role = aws.iam.Role("scorer", assume_role_policy=trust, tags={"owner": "ml"})
aws.iam.RolePolicy("scorer", role=role.id, policy=json.dumps({"Version": "2012-10-17", "Statement": []}))
model = aws.sagemaker.Model("scorer", execution_role_arn=role.arn, primary_container={"image": "image:1"})
settings = aws.sagemaker.EndpointConfiguration(
    "scorer",
    production_variants=[{
        "variant_name": config.get("variant") or "main",
        "model_name": model.name,
        "instance_type": config.get("instance") or "ml.m5.large",
        "initial_instance_count": 1,
    }],
)
endpoint = aws.sagemaker.Endpoint("scorer", name="scorer", endpoint_config_name=settings.name)
if not config.get_bool("fixed"):
    target = aws.appautoscaling.Target(
        "scorer",
        min_capacity=1,
        max_capacity=4,
        resource_id=endpoint.name.apply(lambda name: f"endpoint/{name}/variant/main"),
        scalable_dimension="sagemaker:variant:DesiredInstanceCount",
        service_namespace="sagemaker",
    )
    aws.appautoscaling.Policy(
        "scorer",
        policy_type="TargetTrackingScaling",
        resource_id=target.resource_id,
        scalable_dimension=target.scalable_dimension,
        service_namespace=target.service_namespace,
        target_tracking_scaling_policy_configuration={
            "target_value": 600,
            "predefined_metric_specification": {
                "predefined_metric_type": "SageMakerVariantInvocationsPerInstance",
            },
        },
    )
pulumi.export("endpoint", endpoint.arn)
pulumi.export("role", role.arn)
"""


def configure(project: OfflineProject, *settings: str) -> None:
    project.stack("test", "\n".join(["aws:region: eu-west-1", *settings]))


def test_up_again_and_destroy(project: OfflineProject) -> None:
    project.program(SERVING)
    configure(project)
    committed = (project.root / "Pulumi.test.yaml").read_bytes()

    said = project.pulumi("up", "--yes")
    assert "+ 8 created" in said
    role = project.resources()["Role/scorer"]["outputs"]
    assert role["name"].startswith("scorer-")
    assert role["tagsAll"] == {"owner": "ml"}
    assert project.outputs() == {
        "endpoint": "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/scorer",
        "role": f"arn:aws:iam::123456789012:role/{role['name']}",
    }

    before = project.done()
    assert "8 unchanged" in project.up()
    assert "8 unchanged" in project.pulumi("refresh", "--yes", "--skip-preview")
    assert project.done() == before

    assert "- 8 deleted" in project.destroy()
    assert project.resources() == {}
    assert everything_in(project) == []
    assert (project.root / "Pulumi.test.yaml").read_bytes() == committed
    assert sorted(path.name for path in project.root.iterdir()) == [
        ".mlstage",
        "Pulumi.test.yaml",
        "Pulumi.yaml",
        "programs",
    ]


def everything_in(project: OfflineProject) -> list[object]:
    world = World(project.root / ".mlstage/offline/world", project.name, "test")
    with world.held():
        tokens = {event["token"] for event in project.events()}
        return [thing for token in sorted(tokens) for thing in world.things(token)]


def test_a_scaled_variant_cannot_change_its_instance(project: OfflineProject) -> None:
    project.program(SERVING)
    configure(project)
    project.up()

    # Even together with the target's removal: the engine would delete that after the endpoint's update.
    configure(project, "demo:instance: ml.m5.xlarge", "demo:fixed: true")
    said = project.up(fails=True)
    assert 'ValidationException: The variant(s) "[main]" must be deregistered' in said
    assert project.done()[-1] == "update Endpoint/scorer refused"
    project.up("--target", "**:Policy::**", "--target", "**:Target::**")
    project.up()
    assert "Target/scorer" not in project.resources()
    assert project.done().count("update Endpoint/scorer") == 1


def test_a_scalable_target_needs_its_variant(project: OfflineProject) -> None:
    project.program(SERVING)
    configure(project, "demo:variant: other")
    said = project.up(fails=True)
    assert 'ValidationException: Endpoint "scorer" has no variant "main"; it has other.' in said
    assert "create Target/scorer refused" in project.done()


def test_replacement_makes_the_new_one_first(project: OfflineProject) -> None:
    text = 'aws.sagemaker.Model("m", execution_role_arn=ROLE, primary_container={"image": "IMAGE"})\n'
    role = 'ROLE = "arn:aws:iam::123456789012:role/r"\n'
    project.program(role + text.replace("IMAGE", "one"))
    project.up()
    first = project.resources()["Model/m"]
    project.program(role + text.replace("IMAGE", "two"))
    assert "+-1 replaced" in project.up()
    second = project.resources()["Model/m"]
    assert first["id"] != second["id"]
    assert project.done() == ["create Model/m", "create Model/m", "delete Model/m"]
    assert [event["id"] for event in project.events()] == [first["id"], second["id"], first["id"]]


def test_a_fixed_name_is_deleted_first(project: OfflineProject) -> None:
    text = 'aws.sagemaker.Model("m", name="m", execution_role_arn=ROLE, primary_container={"image": "IMAGE"})\n'
    role = 'ROLE = "arn:aws:iam::123456789012:role/r"\n'
    project.program(role + text.replace("IMAGE", "one"))
    project.up()
    project.program(role + text.replace("IMAGE", "two"))
    project.up()
    assert project.done() == ["create Model/m", "delete Model/m", "create Model/m"]


def test_changes_in_place_keep_the_id(project: OfflineProject) -> None:
    project.program('aws.cloudwatch.LogGroup("log", retention_in_days=30)\n')
    project.up()
    first = project.resources()["LogGroup/log"]
    project.program('aws.cloudwatch.LogGroup("log", tags={"owner": "ml"})\n')
    assert "~ 1 updated" in project.up()
    second = project.resources()["LogGroup/log"]
    assert second["id"] == first["id"]
    assert "retentionInDays" not in second["inputs"]
    assert second["outputs"]["tagsAll"] == {"owner": "ml"}


def test_two_of_one_name_are_refused(project: OfflineProject) -> None:
    project.program(
        'first = aws.cloudwatch.LogGroup("first", name="/app")\n'
        'aws.cloudwatch.LogGroup("second", name="/app", opts=pulumi.ResourceOptions(depends_on=[first]))\n'
    )
    said = project.up(fails=True)
    assert "ResourceAlreadyExistsException: The specified log group already exists: /app" in said
    assert list(project.resources()) == ["LogGroup/first"]


def test_a_role_with_policies_stays(project: OfflineProject) -> None:
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    role = f"role = aws.iam.Role('r', name='r', assume_role_policy={trust!r})\n"
    attach = "aws.iam.RolePolicyAttachment('a', role='r', policy_arn='arn:aws:iam::aws:policy/X', opts=AFTER)\n"
    project.program(role + "AFTER = pulumi.ResourceOptions(depends_on=[role])\n" + attach)
    project.up()
    # The attachment names the role in text alone, so that the engine does not know which must go first.
    project.program("AFTER = None\n" + attach)
    assert "DeleteConflict: Cannot delete entity, must detach all policies first." in project.up(fails=True)
    assert set(project.resources()) == {"Role/r", "RolePolicyAttachment/a"}


def test_forced_replacement_is_another_thing(project: OfflineProject) -> None:
    project.program('vpc = aws.ec2.Vpc("main", cidr_block="10.0.0.0/16")\n')
    project.up()
    first = project.resources()["Vpc/main"]
    assert first["id"].startswith("vpc-")
    project.up("--target-replace", first["urn"])
    assert project.resources()["Vpc/main"]["id"] != first["id"]
    assert project.done() == ["create Vpc/main", "create Vpc/main", "delete Vpc/main"]
    assert len(everything_in(project)) == 1


def test_several_providers_share_one_account(project: OfflineProject) -> None:
    project.program(
        'other = aws.Provider("west", region="us-west-2", default_tags={"tags": {"team": "ml"}})\n'
        'aws.cloudwatch.LogGroup("here", name="/app")\n'
        'there = aws.cloudwatch.LogGroup("there", name="/app", tags={"owner": "me"},'
        " opts=pulumi.ResourceOptions(provider=other))\n"
        'aws.iam.Role("role", name="one", assume_role_policy=json.dumps({}))\n'
        'aws.iam.Role("twin", name="one", assume_role_policy=json.dumps({}),'
        " opts=pulumi.ResourceOptions(provider=other, depends_on=[there]))\n"
    )
    said = project.up(fails=True)
    assert "EntityAlreadyExists: Role with name one already exists." in said
    resources = project.resources()
    assert resources["LogGroup/there"]["outputs"]["arn"] == "arn:aws:logs:us-west-2:123456789012:log-group:/app"
    assert resources["LogGroup/there"]["outputs"]["tagsAll"] == {"team": "ml", "owner": "me"}
    assert resources["LogGroup/here"]["outputs"]["region"] == "us-east-1"


def test_lookups(project: OfflineProject) -> None:
    project.stack("test", "aws:region: us-east-1\naws:defaultTags:\n  tags:\n    team: ml")
    project.program(
        'pulumi.export("account", aws.get_caller_identity().account_id)\n'
        'pulumi.export("region", aws.get_region().region)\n'
        'pulumi.export("partition", aws.get_partition().partition)\n'
        'pulumi.export("zones", aws.get_availability_zones(state="available").names)\n'
        'pulumi.export("vpc", aws.ec2.get_vpc(default=True).id)\n'
        'pulumi.export("subnets", aws.ec2.get_subnets(filters=[{"name": "vpc-id", "values": ["vpc-1"]}]).ids)\n'
        'image = "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"\n'
        'pulumi.export("image", aws.ssm.get_parameter(name=image).value)\n'
        'pulumi.export("tags", aws.get_default_tags().tags)\n'
        'pulumi.export("policy", aws.iam.get_policy_document_output(statements=[{\n'
        '    "sid": "Read", "actions": ["s3:Get*", "s3:List*"], "resources": ["arn:aws:s3:::b/*"],\n'
        '    "principals": [{"type": "Service", "identifiers": ["ec2.amazonaws.com"]}],\n'
        '    "conditions": [{"test": "StringEquals", "variable": "aws:SourceAccount", "values": ["1"]}],\n'
        "}]).json)\n"
        'existing = aws.ec2.Vpc.get("existing", "vpc-123")\n'
        'pulumi.export("existing", existing.arn)\n'
    )
    project.up()
    outputs = dict(project.outputs())
    policy = outputs.pop("policy")
    subnets, image, vpc = outputs.pop("subnets"), outputs.pop("image"), outputs.pop("vpc")
    assert [name.startswith("subnet-") for name in subnets] == [True, True, True]
    assert image.startswith("ami-")
    assert vpc.startswith("vpc-")
    assert outputs == {
        "account": "123456789012",
        "region": "us-east-1",
        "partition": "aws",
        "zones": ["us-east-1a", "us-east-1b", "us-east-1c"],
        "tags": {"team": "ml"},
        "existing": outputs["existing"],
    }
    assert outputs["existing"].startswith("arn:aws:ec2:us-east-1:123456789012:vpc/vpc-")
    assert (json.loads(policy) if isinstance(policy, str) else policy) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Read",
                "Effect": "Allow",
                "Action": ["s3:Get*", "s3:List*"],
                "Resource": "arn:aws:s3:::b/*",
                "Principal": {"Service": "ec2.amazonaws.com"},
                "Condition": {"StringEquals": {"aws:SourceAccount": "1"}},
            }
        ],
    }


def test_a_lookup_it_cannot_answer(project: OfflineProject) -> None:
    project.program('aws.ec2.get_customer_gateway(id="cgw-1")\n')
    said = project.pulumi("preview", fails=True)
    assert "does not answer aws:ec2/getCustomerGateway:getCustomerGateway" in said


def test_paths_with_odd_characters(tmp_path: Path, project: OfflineProject) -> None:
    odd = OfflineProject(tmp_path / "an odd #1%20 folder é", project.engine)
    odd.program('aws.sns.Topic("alarms")\n')
    odd.up()
    assert list(odd.resources()) == ["Topic/alarms"]
