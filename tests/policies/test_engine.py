"""The policy pack on the real engine, over programs in plain pulumi_aws that mlstage never saw."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest

from mlstage.graph import Ref
from mlstage.readers.pulumi_preview import read_preview
from mlstage.rules import judge
from tests.engine_support import OfflineProject

pytestmark = pytest.mark.engine

PACK = Path(__file__).parents[2] / "policies"
REPORT = re.compile(r"- \[(\w+)\]\s+(\S+)\s+\((?:[^()]*: )([^():]+)\)")

Verdict = list[tuple[str, str, str]]


def verdict(said: str) -> Verdict:
    """Give what the policies said: the level, the rule's id and the resource.

    Tags have a test of their own: no program here sets any.
    """
    found = [(level, policy[:5], name) for level, policy, name in REPORT.findall(said)]
    return sorted(one for one in found if one[1] != "ML501")


def preview(project: OfflineProject, stack: str, *arguments: str, fails: bool = False, config: str = "") -> str:
    project.stack(stack, "aws:region: us-east-1" + config)
    return project.pulumi("preview", "--policy-pack", str(PACK), *arguments, stack=stack, fails=fails)


ENDPOINTS = """
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/model:1"
role = aws.iam.Role("role", assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": []}))
model = aws.sagemaker.Model("model", execution_role_arn=role.arn, primary_container={"image": IMAGE})
key = aws.kms.Key("key")


def configuration(name, kind, count, **more):
    variant = {"variant_name": "a", "model_name": model.name, "instance_type": kind, "initial_instance_count": count}
    return aws.sagemaker.EndpointConfiguration(name, production_variants=[variant], **more)


def endpoint(name, config):
    guarded = {"auto_rollback_configuration": {"alarms": [{"alarm_name": f"{name}-errors"}]}}
    return aws.sagemaker.Endpoint(name, endpoint_config_name=config.name, deployment_config=guarded)


def scale(name, on, least):
    target = aws.appautoscaling.Target(
        name,
        service_namespace="sagemaker",
        scalable_dimension="sagemaker:variant:DesiredInstanceCount",
        resource_id=pulumi.Output.concat("endpoint/", on.name, "/variant/a"),
        min_capacity=least,
        max_capacity=4,
    )
    aws.appautoscaling.Policy(
        name,
        policy_type="TargetTrackingScaling",
        service_namespace=target.service_namespace,
        scalable_dimension=target.scalable_dimension,
        resource_id=target.resource_id,
        target_tracking_scaling_policy_configuration={
            "predefined_metric_specification": {"predefined_metric_type": "SageMakerVariantInvocationsPerInstance"},
            "target_value": 600,
        },
    )


good = configuration("good", "ml.m5.xlarge", 2, kms_key_arn=key.arn)
scale("good", endpoint("good", good), 2)
fixed = configuration("fixed", "ml.g5.xlarge", 3)
endpoint("fixed", fixed)
single = configuration("single", "ml.m5.xlarge", 1, kms_key_arn=key.arn)
scale("alone", endpoint("single", single), 1)
burst = configuration("burst", "ml.t2.medium", 2)
endpoint("burst", burst)
answers = {"output_config": {"s3_output_path": "s3://bucket/answers/"}}
endpoint("later", configuration("later", "ml.m5.xlarge", 1, kms_key_arn=key.arn, async_inference_config=answers))
"""

# A fixed endpoint on NVMe disks, one that scales down to one instance, one on burstable instances without a key.
# Nothing watches them, and nothing is captured; of the asynchronous one nothing else is asked.
ENDPOINTS_IN_PRODUCTION: Verdict = [
    ("advisory", "ML307", "fixed"),
    *(("advisory", "ML503", name) for name in ("burst", "fixed", "good", "single")),
    ("mandatory", "ML104", "burst"),
    ("mandatory", "ML201", "fixed"),
    ("mandatory", "ML202", "alone"),
    ("mandatory", "ML402", "burst"),
    *(("mandatory", "ML502", name) for name in ("burst", "fixed", "good", "later", "single")),
]
# What runs all night for more than it is worth: three machines with GPUs, and two of a middle size.
ENDPOINTS_IN_TEST: Verdict = [
    ("advisory", "ML402", "burst"),
    ("mandatory", "ML102", "fixed"),
    ("mandatory", "ML304", "fixed"),
    ("mandatory", "ML304", "good"),
]

SERVICES = """
cluster = aws.ecs.Cluster("cluster")
other = aws.ecs.Cluster("other")
aws.ecs.ClusterCapacityProviders(
    "cheap-by-default",
    cluster_name=other.name,
    capacity_providers=["FARGATE_SPOT"],
    default_capacity_provider_strategies=[{"capacity_provider": "FARGATE_SPOT", "weight": 1}],
)
group = aws.lb.TargetGroup(
    "group", port=80, protocol="HTTP", target_type="ip", vpc_id="vpc-0123456789abcdef0", health_check={"path": "/ping"}
)
behind = [{"target_group_arn": group.arn, "container_name": "web", "container_port": 80}]


def service(name, on=cluster, **more):
    breaker = {"enable": True, "rollback": True}
    aws.ecs.Service(
        name, cluster=on.arn, task_definition="web:1", desired_count=2, deployment_circuit_breaker=breaker, **more
    )


def on(provider):
    return [{"capacity_provider": provider, "weight": 1}]


service("steady", load_balancers=behind, capacity_provider_strategies=on("FARGATE"))
service("spotty", load_balancers=behind, capacity_provider_strategies=on("FARGATE_SPOT"))
service("worker", capacity_provider_strategies=on("FARGATE_SPOT"))
service("inherits", on=other, load_balancers=behind)
template = aws.ec2.LaunchTemplate(
    "template",
    instance_market_options={"market_type": "spot"},
    block_device_mappings=[{"device_name": "/dev/xvda", "ebs": {"encrypted": "true"}}],
)
machines = aws.autoscaling.Group(
    "machines", min_size=1, max_size=3, launch_template={"id": template.id, "version": "$Latest"}
)
spot = aws.ecs.CapacityProvider("spot", auto_scaling_group_provider={"auto_scaling_group_arn": machines.arn})
service("on-spot-machines", load_balancers=behind, capacity_provider_strategies=on(spot.name))
"""

# None of them scales; callers wait for all but the worker, of which no alarm is asked either. Whether its container
# says that it works is told by a task definition of somebody else's.
SERVICES_IN_PRODUCTION: Verdict = [
    ("advisory", "ML208", "worker"),
    ("mandatory", "ML101", "inherits"),
    ("mandatory", "ML101", "on-spot-machines"),
    ("mandatory", "ML101", "spotty"),
    ("mandatory", "ML201", "inherits"),
    ("mandatory", "ML201", "on-spot-machines"),
    ("mandatory", "ML201", "spotty"),
    ("mandatory", "ML201", "steady"),
    *(("mandatory", "ML502", name) for name in ("inherits", "on-spot-machines", "spotty", "steady")),
]

JOBS = """
def pipeline(name, kind, **arguments):
    step = {"Name": "train", "Type": "Training", "Arguments": {"ResourceConfig": {"InstanceType": kind}, **arguments}}
    definition = {"Version": "2020-12-01", "Steps": [step]}
    aws.sagemaker.Pipeline(
        name,
        pipeline_name=name,
        pipeline_display_name=name,
        role_arn="arn:aws:iam::123456789012:role/train",
        pipeline_definition=json.dumps(definition),
    )


pipeline("wasteful", "ml.c5.xlarge", EnableManagedSpotTraining=True)
pipeline("thrifty", "ml.c5.xlarge", EnableManagedSpotTraining=True, CheckpointConfig={"S3Uri": "s3://bucket/save/"})
pipeline("on-gpu", "ml.g5.xlarge")
aws.sagemaker.NotebookInstance(
    "explore", role_arn="arn:aws:iam::123456789012:role/explore", instance_type="ml.t3.medium", kms_key_id="key"
)
"""

JOBS_IN_TEST: Verdict = [
    ("advisory", "ML103", "wasteful"),
    ("advisory", "ML303", "explore"),
    ("advisory", "ML402", "thrifty"),
    ("advisory", "ML402", "wasteful"),
    ("mandatory", "ML102", "on-gpu"),
    ("mandatory", "ML302", "explore"),
]
JOBS_IN_PRODUCTION: Verdict = [
    ("advisory", "ML303", "explore"),
    ("mandatory", "ML103", "wasteful"),
    ("mandatory", "ML302", "explore"),
    ("mandatory", "ML402", "thrifty"),
    ("mandatory", "ML402", "wasteful"),
    ("mandatory", "ML404", "explore"),
    ("mandatory", "ML405", "explore"),
]

SECURITY = """
role = aws.iam.Role("role", assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": []}))
bucket = aws.sqs.Queue("queue")


def policy(name, document):
    aws.iam.RolePolicy(name, role=role.name, policy=document)


def allow(actions, resources):
    statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


policy("everything", allow("*", "arn:aws:s3:::bucket/*"))
policy("everywhere", allow(["s3:GetObject"], ["*"]))
policy("as-needed", allow(["s3:GetObject"], ["arn:aws:s3:::bucket/models/*"]))
policy("no-other-way", allow(["ecr:GetAuthorizationToken", "cloudwatch:PutMetricData"], "*"))
policy("later", bucket.arn.apply(lambda arn: allow(["sqs:SendMessage"], arn)))
aws.ebs.Volume("plain", availability_zone="us-east-1a", size=10)
aws.ebs.Volume("closed", availability_zone="us-east-1a", size=10, encrypted=True)
aws.efs.FileSystem("shared", encrypted=False)
aws.ec2.Instance(
    "box",
    ami="ami-0123456789abcdef0",
    instance_type="c6i.large",
    root_block_device={"encrypted": True},
    ebs_block_devices=[{"device_name": "/dev/sdb", "volume_size": 10}],
)
"""

SECURITY_IN_PRODUCTION: Verdict = [
    ("advisory", "ML401", "later"),
    ("mandatory", "ML401", "everything"),
    ("mandatory", "ML401", "everywhere"),
    ("mandatory", "ML402", "box"),
    ("mandatory", "ML402", "plain"),
    ("mandatory", "ML402", "shared"),
    ("mandatory", "ML504", "shared"),
]


@pytest.mark.parametrize(
    ("program", "stack", "expected"),
    [
        pytest.param(ENDPOINTS, "prod", ENDPOINTS_IN_PRODUCTION, id="endpoints-prod"),
        pytest.param(ENDPOINTS, "dev", ENDPOINTS_IN_TEST, id="endpoints-dev"),
        pytest.param(SERVICES, "prod", SERVICES_IN_PRODUCTION, id="services-prod"),
        pytest.param(JOBS, "test", JOBS_IN_TEST, id="jobs-test"),
        pytest.param(JOBS, "prod", JOBS_IN_PRODUCTION, id="jobs-prod"),
        pytest.param(SECURITY, "prod", SECURITY_IN_PRODUCTION, id="security-prod"),
    ],
)
def test_a_foreign_program_gets_its_verdict(
    project: OfflineProject, program: str, stack: str, expected: Verdict
) -> None:
    project.program(program)
    said = preview(project, stack, fails=True)
    assert verdict(said) == expected, said
    assert f"mlstage judges stack '{stack}'" in said


SPOT = """
config = aws.sagemaker.EndpointConfiguration(
    "config",
    production_variants=[
        {"variant_name": "a", "model_name": "m", "instance_type": "ml.g5.xlarge", "initial_instance_count": 2}
    ],
)
aws.sagemaker.Endpoint("scorer", endpoint_config_name=config.name, tags={"mlstage:purchase": "spot"})
"""


def test_spot_under_a_real_time_endpoint_is_refused(project: OfflineProject) -> None:
    project.program(SPOT)
    said = preview(project, "blue", fails=True)
    assert ("mandatory", "ML101", "scorer") in verdict(said)
    assert "endpoint 'scorer' runs on Spot in stack 'blue'" in said
    # Nothing says what `blue` is, so that rules about production can only advise, and the pack says so.
    assert ("advisory", "ML201", "config") in verdict(said)
    assert "nothing says what stack 'blue' is" in said


VOLUMES = """
first = aws.ebs.Volume("first", availability_zone="us-east-1a", size=10, encrypted=True)
aws.ebs.Volume("second", availability_zone="us-east-1a", size=10, opts=pulumi.ResourceOptions(depends_on=[first]))
"""


def test_a_resource_rule_refuses_before_creation_even_without_a_preview(project: OfflineProject) -> None:
    project.program(VOLUMES)
    project.stack("prod")
    said = project.up("--policy-pack", str(PACK), stack="prod", fails=True)
    assert verdict(said) == [("mandatory", "ML402", "second")]
    assert [line for line in project.done("prod") if line.startswith("create ")] == ["create Volume/first"]


def test_a_repair_is_made_where_the_settings_say_so(project: OfflineProject, tmp_path: Path) -> None:
    project.program(VOLUMES)
    project.stack("prod")
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps({"ML402-unencrypted-storage": "remediate"}), encoding="utf-8")
    project.up("--policy-pack", str(PACK), "--policy-pack-config", str(settings), stack="prod")
    assert project.resources("prod")["Volume/second"]["inputs"]["encrypted"] is True


REPAIRED = """
aws.cloudwatch.LogGroup("logs", name="/fraud/scorer")
role = "arn:aws:iam::123456789012:role/explore"
aws.sagemaker.NotebookInstance("explore", role_arn=role, instance_type="ml.t3.medium", tags={"Project": "fraud"})
aws.efs.FileSystem("files", encrypted=True, opts=pulumi.ResourceOptions(protect=True))
"""


def test_tags_retention_and_root_access_are_repaired_together(project: OfflineProject, tmp_path: Path) -> None:
    project.program(REPAIRED)
    project.stack("prod")
    settings = tmp_path / "settings.json"
    entries = {
        "ML305-log-group-without-retention": {"enforcementLevel": "remediate", "days": 30},
        "ML405-notebook-root-access": "remediate",
        "ML501-missing-tags": {"enforcementLevel": "remediate", "owner": "payments", "project": "fraud"},
        **dict.fromkeys(("ML302-notebook-without-idle-stop", "ML404-public-notebook"), "disabled"),
        **dict.fromkeys(("ML303-notebook-outside-hours", "ML402-unencrypted-storage"), "disabled"),
    }
    settings.write_text(json.dumps(entries), encoding="utf-8")
    project.up("--policy-pack", str(PACK), "--policy-pack-config", str(settings), stack="prod")
    made = {name: one["inputs"] for name, one in project.resources("prod").items()}
    logs, notebook = made["LogGroup/logs"], made["NotebookInstance/explore"]
    assert (logs["retentionInDays"], notebook["rootAccess"]) == (30, "Disabled")
    assert logs["tags"] == {"owner": "payments", "environment": "fraud", "stage": "prod"}
    assert notebook["tags"] == {"Project": "fraud", "owner": "payments", "stage": "prod"}
    # Protected by the engine: without that, its lack of a backup would have stopped the update.
    assert made["FileSystem/files"]["tags"] == logs["tags"]


@pytest.mark.parametrize(
    ("preset", "expected"),
    [
        ("recommended", [("mandatory", "ML402", "second")]),
        ("strict", [("mandatory", "ML402", "second")]),
        ("learning", [("advisory", "ML402", "second")]),
    ],
)
def test_the_engine_takes_the_presets(project: OfflineProject, preset: str, expected: Verdict) -> None:
    project.program(VOLUMES)
    file = str(PACK / f"{preset}.json")
    said = preview(project, "prod", "--policy-pack-config", file, fails=preset != "learning")
    assert verdict(said) == expected


def test_settings_that_cannot_be_followed_stop_the_engine(project: OfflineProject, tmp_path: Path) -> None:
    project.program(VOLUMES)
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps({"ML402-unencrypted-storages": "advisory"}), encoding="utf-8")
    said = preview(project, "prod", "--policy-pack-config", str(settings), fails=True)
    assert "did you mean 'ML402-unencrypted-storage'" in said


LATE = """
queue = aws.sqs.Queue("queue")
aws.ebs.Volume("late", availability_zone="us-east-1a", size=10, encrypted=queue.arn.apply(lambda arn: "never" in arn))
"""


def test_an_unknown_value_is_undecided_in_a_preview_and_decided_before_creation(
    project: OfflineProject, tmp_path: Path
) -> None:
    project.program(LATE)
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps({"mlstage": {"undecided": "mandatory"}}), encoding="utf-8")
    said = preview(project, "prod")
    assert verdict(said) == [("advisory", "ML402", "late")]
    assert "unencrypted-storage cannot be decided: `encrypted` of 'late' is not known" in said
    strict = preview(project, "prod", "--policy-pack-config", str(settings), fails=True)
    assert verdict(strict) == [("mandatory", "ML402", "late")]
    refused = project.up("--policy-pack", str(PACK), stack="prod", fails=True)
    assert verdict(refused) == [("mandatory", "ML402", "late")]
    assert "create Volume/late" not in project.done("prod")


def test_a_stack_s_configuration_says_its_tier(project: OfflineProject) -> None:
    project.program(VOLUMES)
    said = preview(project, "blue", config="\nmlstage:tier: production", fails=True)
    assert verdict(said) == [("mandatory", "ML402", "second")]
    assert "mlstage judges stack 'blue' as production: the stack's configuration has mlstage:tier" in said


def test_a_waiver_of_the_project_s_manifest_counts(project: OfflineProject) -> None:
    project.program(
        'scorer = pulumi.ComponentResource("mlstage:workload:RealtimeEndpoint", "fraud-scorer")\n'
        "opts = pulumi.ResourceOptions(parent=scorer)\n"
        'aws.ebs.Volume("scratch", availability_zone="us-east-1a", size=10, opts=opts)\n'
        'aws.ebs.Volume("data", availability_zone="us-east-1a", size=10)\n'
    )
    waiver = {"rule": "ML402", "environment": "fraud", "workload": "scorer", "reason": "scratch", "until": "2999-01-01"}
    manifest = {"stacks": {"prod": {"programs": {"fraud": {}}, "waivers": [waiver]}}}
    (project.root / "programs" / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    # A copy of the pack in the project, as `mlstage init` leaves one: the manifest is found beside it.
    pack = project.root / "policies"
    pack.mkdir()
    for name in ("PulumiPolicy.yaml", "__main__.py"):
        text = (PACK / name).read_text(encoding="utf-8").replace("../.venv", str(PACK.parent / ".venv"))
        (pack / name).write_text(text, encoding="utf-8")
    project.stack("prod")
    said = project.pulumi("preview", "--policy-pack", str(pack), stack="prod", fails=True)
    assert verdict(said) == [("advisory", "ML402", "scratch"), ("mandatory", "ML402", "data")]
    assert "waived until 2999-01-01" in said


def test_a_saved_preview_is_read_as_the_engine_writes_it(project: OfflineProject) -> None:
    project.program(ENDPOINTS)
    project.stack("prod")
    said = project.pulumi("preview", "--json", stack="prod")
    graph = read_preview(said[said.index("{") :], tier="production").graph
    assert graph.stack == "prod"
    config = graph.by_name["fixed (aws:sagemaker/endpointConfiguration:EndpointConfiguration)"]
    endpoint = graph.by_name["fixed (aws:sagemaker/endpoint:Endpoint)"]
    assert endpoint.props["endpoint_config_name"] in (Ref(config.name, ""), config.props.get("name"))
    variants = config.props["production_variants"]
    assert isinstance(variants, tuple) and isinstance(variants[0], dict)
    assert (variants[0]["instance_type"], variants[0]["initial_instance_count"]) == ("ml.g5.xlarge", 3)
    found = judge(graph, today=date(2026, 11, 24))
    assert sorted(
        (item.rule.id, item.finding.resource.split()[0]) for item in found.objections if item.rule.id != "ML501"
    ) == sorted((rule, name) for _, rule, name in ENDPOINTS_IN_PRODUCTION)


def test_rules_of_one_s_own_and_waivers_of_the_settings_count_in_the_engine(
    project: OfflineProject, tmp_path: Path
) -> None:
    from tests.cli.test_policies import RULE

    project.program(
        'aws.ebs.Volume("small", availability_zone="us-east-1a", size=10, encrypted=True)\n'
        'aws.ebs.Volume("plain", availability_zone="us-east-1a", size=40)\n'
        'aws.ebs.Volume("large", availability_zone="us-east-1a", size=40, encrypted=True)\n'
    )
    pack = tmp_path / "policies"
    (pack / "rules").mkdir(parents=True)
    (pack / "rules" / "ml901_small_volume.py").write_text(RULE, encoding="utf-8")
    for name in ("PulumiPolicy.yaml", "__main__.py"):
        text = (PACK / name).read_text(encoding="utf-8").replace("../.venv", str(PACK.parent / ".venv"))
        (pack / name).write_text(text, encoding="utf-8")
    waiver = {"rule": "ML402", "reason": "scratch", "until": "2999-01-01", "resource": "plain"}
    settings = tmp_path / "settings.json"
    entries = {"mlstage": {"waivers": [waiver, {**waiver, "resource": "gone"}]}, "ML901-small-volume": {"least": 20}}
    settings.write_text(json.dumps(entries), encoding="utf-8")
    project.stack("prod")
    said = project.pulumi(
        "preview", "--policy-pack", str(pack), "--policy-pack-config", str(settings), stack="prod", fails=True
    )
    found = [one for one in verdict(said) if one[1].startswith("ML")]
    assert found == [("advisory", "ML402", "plain"), ("mandatory", "ML901", "small")]
    assert "waived until 2999-01-01" in said
    assert "the waiver of ML402 for gone answers nothing" in said
