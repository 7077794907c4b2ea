"""What a workload on ECS becomes."""

from __future__ import annotations

from base64 import b64decode

import pytest

from mlstage import (
    AsyncEndpoint,
    Autoscale,
    BacklogPerInstance,
    BatchInference,
    CpuUtilization,
    Ecs,
    InvocationsPerInstance,
    Model,
    OnDemand,
    RealtimeEndpoint,
    Rolling,
    Spot,
    Training,
)
from mlstage.graph import Graph, Join, Ref, Value
from mlstage.spec.purchase import Purchase
from tests.targets.support import ECR, MODEL, graph, inside, only, statements

SMALL = Ecs(cpu=2, memory="8GB")
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:hub-AbCdEf"


def served(on: Ecs = SMALL, model: Model = MODEL, stack: str = "prod", **fields: object) -> Graph:
    fields = {"replicas": Autoscale(min=2, max=6, target=CpuUtilization(60)), **fields}
    return graph(RealtimeEndpoint(name="scorer", model=model, on=on, **fields), stack=stack)  # type: ignore[arg-type]


def batch(on: Ecs = SMALL, purchase: Purchase | None = None, **fields: object) -> Graph:
    bought = purchase or OnDemand()
    places = {"input": "s3://acme-data/in/", "output": "s3://acme-data/out/"}
    return graph(
        BatchInference(name="nightly", model=MODEL, on=on, purchase=bought, **places, **fields)  # type: ignore[arg-type]
    )


def container(found: Graph, at: int = 0) -> Value:
    return inside(only(found, "aws.ecs.TaskDefinition").props["container_definitions"], at)


def test_callers_reach_the_balancer_and_the_balancer_the_tasks_and_nobody_else() -> None:
    found = served()
    balancer = only(found, "aws.lb.LoadBalancer")
    assert balancer.props["internal"] is True
    into_tasks = found.by_name["fraud-scorer-tasks-from-balancer"].props
    assert into_tasks["referenced_security_group_id"] == Ref("fraud-scorer-balancer-group", "id")
    assert (into_tasks["from_port"], into_tasks["to_port"]) == (8080, 8080)
    callers = found.by_name["fraud-scorer-from-10-80-0-0-16-to-80"].props
    assert callers["cidr_ipv4"] == found.by_name["fraud-vpc"].props["cidr_block"]


def test_callers_may_be_named() -> None:
    found = served(Ecs(cpu=2, memory="8GB", callers=["10.1.0.0/16", "sg-0123456789abcdef0"]))
    names = ("fraud-scorer-from-10-1-0-0-16-to-80", "fraud-scorer-from-sg-0123456789abcdef0-to-80")
    rules = [found.by_name[name].props for name in names]
    assert rules[0]["cidr_ipv4"] == "10.1.0.0/16"
    assert rules[1]["referenced_security_group_id"] == "sg-0123456789abcdef0"


def test_a_certificate_makes_it_tls_and_turns_plain_requests_away() -> None:
    found = served(Ecs(cpu=2, memory="8GB", exposed="internet", certificate=CERTIFICATE))
    assert only(found, "aws.lb.LoadBalancer").props["internal"] is False
    by_port = {one.props["port"]: one.props for one in found.of("aws.lb.Listener")}
    assert by_port[443]["certificate_arn"] == CERTIFICATE
    assert str(by_port[443]["ssl_policy"]).startswith("ELBSecurityPolicy-TLS13")
    assert inside(by_port[80]["default_actions"], 0, "type") == "redirect"


def test_a_version_that_does_not_become_healthy_is_taken_back() -> None:
    service = only(served(update=Rolling(percent=50)), "aws.ecs.Service").props
    assert service["deployment_circuit_breaker"] == {"enable": True, "rollback": True}
    assert inside(service["alarms"], "rollback") is True
    assert service["deployment_minimum_healthy_percent"] == 100


def test_the_health_check_is_sagemaker_s_own_contract() -> None:
    check = only(served(), "aws.lb.TargetGroup").props["health_check"]
    assert inside(check, "path") == "/ping"
    assert inside(container(served()), "portMappings", 0, "containerPort") == 8080


def test_requests_per_task_are_followed_through_the_balancer() -> None:
    found = served(replicas=Autoscale(min=2, max=6, target=InvocationsPerInstance(900)))
    followed = only(found, "aws.appautoscaling.Policy").props["target_tracking_scaling_policy_configuration"]
    metric = inside(followed, "predefined_metric_specification")
    assert inside(metric, "predefined_metric_type") == "ALBRequestCountPerTarget"
    assert isinstance(inside(metric, "resource_label"), Join)


def test_the_artifact_is_unpacked_where_sagemaker_would_put_it() -> None:
    found = served(Ecs(cpu=2, memory="8GB", unpack=f"{ECR}/aws-cli:2"))
    assert inside(container(found), "dependsOn", 0) == {"containerName": "unpack", "condition": "SUCCESS"}
    assert inside(container(found), "mountPoints", 0, "containerPath") == "/opt/ml/model"
    may = statements(found, "fraud-scorer-task-role-policy")
    assert may["ArtifactRead"]["Resource"] == ("arn:aws:s3:::acme-models/fraud/model.tar.gz",)


def test_a_secret_is_named_and_read_by_the_role_that_starts_the_task() -> None:
    found = served(Ecs(cpu=2, memory="8GB", secrets={"HUB_TOKEN": SECRET}))
    assert inside(container(found), "secrets") == ({"name": "HUB_TOKEN", "valueFrom": SECRET},)
    assert SECRET in str(statements(found, "fraud-scorer-execution-role-policy"))
    assert SECRET not in str(statements(found, "fraud-scorer-task-role-policy"))


@pytest.mark.parametrize(
    ("machine", "image"),
    [("g5.12xlarge", "amazon-linux-2023/gpu"), ("inf2.xlarge", "amazon-linux-2023/neuron")],
)
def test_machines_start_from_the_image_for_their_accelerator(machine: str, image: str) -> None:
    model = MODEL if machine.startswith("g") else Model(image=f"{ECR}/bert:1", compiled_for="inf2")
    found = served(Ecs(instance=machine), model)
    template = only(found, "aws.ec2.LaunchTemplate").props
    assert template["image_id"] == f"resolve:ssm:/aws/service/ecs/optimized-ami/{image}/recommended/image_id"
    assert inside(template["metadata_options"], "http_tokens") == "required"
    assert inside(template["block_device_mappings"], 0, "ebs", "encrypted") == "true"
    script = b64decode(str(template["user_data"])).decode()
    assert "ECS_CLUSTER=fraud-prod" in script
    assert ("ECS_ENABLE_GPU_SUPPORT=true" in script) is machine.startswith("g")


def test_a_task_takes_every_gpu_of_its_machine() -> None:
    assert inside(container(served(Ecs(instance="g5.12xlarge"))), "resourceRequirements") == (
        {"type": "GPU", "value": "4"},
    )


def test_a_task_is_given_its_neuron_devices() -> None:
    found = served(Ecs(instance="inf2.24xlarge"), Model(image=f"{ECR}/bert:1", compiled_for="inf2"))
    devices = inside(container(found), "linuxParameters", "devices")
    assert isinstance(devices, tuple)
    assert [inside(one, "hostPath") for one in devices] == [f"/dev/neuron{number}" for number in range(6)]


def test_ecs_scales_the_machines_and_never_takes_one_with_tasks() -> None:
    found = served(Ecs(instance="g5.xlarge", fallbacks=["g5.2xlarge"]))
    behind = only(found, "aws.ecs.CapacityProvider").props["auto_scaling_group_provider"]
    assert inside(behind, "managed_scaling", "status") == "ENABLED"
    assert inside(behind, "managed_termination_protection") == "ENABLED"
    group = only(found, "aws.autoscaling.Group")
    assert group.props["protect_from_scale_in"] is True
    types = inside(group.props["mixed_instances_policy"], "launch_template", "overrides")
    assert types == ({"instance_type": "g5.xlarge"}, {"instance_type": "g5.2xlarge"})
    # The service goes before the capacity that it runs on.
    assert "fraud-scorer-capacity" in only(found, "aws.ecs.Service").needs()


def test_what_callers_wait_for_is_never_on_spot_by_itself() -> None:
    share = inside(only(served(Ecs(instance="g5.xlarge")), "aws.autoscaling.Group").props["mixed_instances_policy"])
    assert inside(share, "instances_distribution", "on_demand_percentage_above_base_capacity") == 100


def test_a_spot_job_of_several_shards_keeps_one_on_demand() -> None:
    found = batch(purchase=Spot(), replicas=4)
    text = str(only(found, "aws.sfn.StateMachine").props["definition"])
    assert "FARGATE_SPOT" in text
    own = batch(Ecs(instance="c6i.4xlarge"), Spot(), replicas=4)
    spread = inside(only(own, "aws.autoscaling.Group").props["mixed_instances_policy"], "instances_distribution")
    assert inside(spread, "on_demand_base_capacity") == 1
    assert inside(spread, "on_demand_percentage_above_base_capacity") == 0


def test_a_worker_follows_what_waits_and_goes_to_nothing() -> None:
    asked = Autoscale(min=0, max=4, target=BacklogPerInstance(5))
    found = graph(
        AsyncEndpoint(name="reader", model=MODEL, on=SMALL, output="s3://acme-data/out/", replicas=asked, timeout="20m")
    )
    queue = found.by_name["fraud-reader-queue"].props
    # Longer than one request takes, or it would be handed out twice.
    assert int(str(queue["visibility_timeout_seconds"])) >= 20 * 60
    assert only(found, "aws.ecs.Service").props["desired_count"] == 0
    kinds = {one.props["policy_type"] for one in found.of("aws.appautoscaling.Policy")}
    assert kinds == {"TargetTrackingScaling", "StepScaling"}


def test_a_worker_says_itself_that_it_still_works() -> None:
    command = "find /tmp/alive -mmin -5 | grep -q ."
    on = Ecs(cpu=2, memory="8GB", health_command=command)
    found = graph(
        AsyncEndpoint(name="worker", model=Model(image=f"{ECR}/fraud:1", size="30GB"), on=on, output="s3://acme/out/")
    )
    check = inside(container(found), "healthCheck")
    assert inside(check, "command") == ("CMD-SHELL", command)
    # A model of 30 GB takes longer to load than ECS lets a container start unasked.
    assert inside(check, "startPeriod") == 300


def test_training_on_spot_is_given_its_checkpoint_and_started_again() -> None:
    found = graph(
        Training(
            name="training",
            image=f"{ECR}/train:1",
            inputs={"train": "s3://acme-data/train/"},
            output="s3://acme-models/",
            on=Ecs(instance="g5.xlarge"),
            purchase=Spot(checkpoint="s3://acme-checkpoints/fraud/"),
        )
    )
    told = inside(container(found), "environment")
    assert isinstance(told, tuple)
    assert "s3://acme-checkpoints/fraud/" in [inside(one, "value") for one in told]
    may = str(statements(found, "fraud-training-task-role-policy"))
    assert "acme-checkpoints/fraud/*" in may
    states = inside(only(found, "aws.sfn.StateMachine").props["definition"], "States")
    assert inside(states, "Run", "Catch", 0, "Next") != "Failed"


def test_a_job_without_a_schedule_is_run_by_hand() -> None:
    assert batch().of("aws.scheduler.Schedule") == ()
    assert len(batch(schedule="rate(1 day)").of("aws.scheduler.Schedule")) == 1
