"""The traps of SageMaker's endpoints, each held off by a check or by the lowering."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from mlstage import (
    AsyncEndpoint,
    Autoscale,
    BacklogPerInstance,
    BatchInference,
    Canary,
    ConcurrentRequests,
    CpuUtilization,
    DataCapture,
    GpuUtilization,
    InvocationsPerInstance,
    Linear,
    Model,
    Notebook,
    Processing,
    ProvisionedConcurrencyUtilization,
    RealtimeEndpoint,
    Rolling,
    SageMaker,
    SageMakerServerless,
    Shadow,
    Spot,
    Stage,
    Training,
    Triton,
    Variant,
    XGBoost,
    per_stage,
)
from mlstage.diagnostics import Severity
from mlstage.graph import Graph, Resource, Value
from mlstage.resolve import StackFile
from mlstage.resolve.resolve import resolve
from mlstage.spec.environment import Environment
from mlstage.spec.updates import Update
from tests.targets.support import ECR, MODEL, graph, inside, only, problems, refusals

CONFIG, ENDPOINT, ROLE_MODEL = "aws.sagemaker.EndpointConfiguration", "aws.sagemaker.Endpoint", "aws.sagemaker.Model"
PLAIN = "ml.m5.xlarge"


def scorer(instance: str = PLAIN, **fields: Any) -> RealtimeEndpoint:
    return RealtimeEndpoint.build({"name": "scorer", "model": MODEL, "on": SageMaker(instance=instance), **fields})


def waiting(instance: str = PLAIN, **fields: Any) -> AsyncEndpoint:
    given = {"name": "reader", "model": MODEL, "on": SageMaker(instance=instance), "output": "s3://acme-data/read/"}
    return AsyncEndpoint.build({**given, **fields})


def serverless(memory: str = "2GB", concurrency: int = 10, provisioned: Any = None, **fields: Any) -> RealtimeEndpoint:
    on = SageMakerServerless(memory=memory, concurrency=concurrency, provisioned=provisioned)
    return RealtimeEndpoint.build({"name": "scorer", "model": MODEL, "on": on, **fields})


def warnings(*workloads: Any, stack: str = "prod") -> list[tuple[str, str]]:
    return [(one.code, one.field) for one in problems(*workloads, stack=stack) if one.severity is Severity.WARNING]


def instead(code: str, *workloads: Any, stack: str = "prod") -> str:
    (found,) = (one for one in problems(*workloads, stack=stack) if one.code == code)
    return found.instead


def variant(of: Graph, index: int = 0) -> dict[str, Value]:
    found = inside(only(of, CONFIG).props["production_variants"], index)
    assert isinstance(found, dict)
    return found


def policy(of: Graph, part: str) -> Resource:
    return of.by_name[f"fraud-{part}"]


# ----- 1. Configurations and models are immutable and keyed by name ---------------------------------


def test_trap_01_the_name_of_what_is_immutable_follows_its_content() -> None:
    def names(**fields: Any) -> list[Value]:
        found = graph(scorer(**fields))
        return [only(found, kind).props["name"] for kind in (ROLE_MODEL, CONFIG, ENDPOINT)]

    first = names()
    assert names() == first
    model, config, endpoint = names(model=Model(image=f"{ECR}/fraud:1.8", artifact="s3://acme-models/fraud/m.tar.gz"))
    assert model != first[0]
    assert config != first[1]
    assert endpoint == first[2] == "fraud-prod-scorer"
    model, config, _ = names(replicas=3)
    assert model == first[0], "the model did not change"
    assert config != first[1]


def test_trap_01_every_version_is_a_resource_of_its_own() -> None:
    found = graph(scorer())
    for kind in (ROLE_MODEL, CONFIG):
        resource = only(found, kind)
        assert resource.options.version == str(resource.props["name"])[-8:]


# ----- 2. Auto-scaling blocks updates (the order itself: test_updates_on_the_engine.py) ---------------


def test_trap_02_what_is_registered_locks_the_endpoint() -> None:
    scaled = Autoscale(min=2, max=4, target=InvocationsPerInstance(600))
    found = graph(scorer(replicas=scaled, variants=[Variant(name="b", model=MODEL, weight=1, replicas=scaled)]))
    assert only(found, ENDPOINT).options.locked == {"AllTraffic": PLAIN, "b": PLAIN}
    targets = found.of("aws.appautoscaling.Target")
    assert [target.options.locks for target in targets] == ["fraud-scorer-endpoint"] * 2


# ----- 3. Every update resets capacity to the initial count -------------------------------------------


def test_trap_03_an_update_resets_capacity_to_the_least_that_is_ever_right() -> None:
    assert (
        variant(graph(scorer(replicas=Autoscale(min=3, max=9, target=InvocationsPerInstance(600)))))[
            "initial_instance_count"
        ]
        == 3
    )
    asked = Autoscale(min=3, max=9, initial=5, target=InvocationsPerInstance(600))
    assert variant(graph(scorer(replicas=asked)))["initial_instance_count"] == 5


@pytest.mark.parametrize("initial", [1, 10])
def test_trap_03_the_initial_count_lies_between_the_bounds(initial: int) -> None:
    asked = Autoscale(min=3, max=9, initial=initial, target=InvocationsPerInstance(600))
    environment = Environment(name="fraud", owner="payments", workloads=[scorer(replicas=asked)])
    _, wrong = resolve(environment, StackFile("prod", "Pulumi.prod.yaml", "us-east-1"))
    assert [(one.code, one.field) for one in wrong] == [("SPEC104", "replicas.initial")]


# ----- 4. Rollback looks like success ------------------------------------------------------------------


def deployment(of: Graph) -> Any:
    return only(of, ENDPOINT).props.get("deployment_config")


def test_trap_04_production_is_updated_by_a_canary_that_alarms_take_back() -> None:
    found = graph(scorer(replicas=4, p95_latency="100ms"))
    routing = inside(deployment(found), "blue_green_update_policy", "traffic_routing_configuration")
    assert routing == {
        "type": "CANARY",
        "wait_interval_in_seconds": 600,
        "canary_size": {"type": "CAPACITY_PERCENT", "value": 25},
    }
    alarms = inside(deployment(found), "auto_rollback_configuration", "alarms")
    assert isinstance(alarms, tuple)
    named = [inside(one, "alarm_name") for one in alarms]
    assert [getattr(ref, "resource", "") for ref in named] == [
        "fraud-scorer-errors-alarm",
        "fraud-scorer-latency-alarm",
    ]
    assert only(found, ENDPOINT).options.confirm == ("endpoint_config_name",)


def test_trap_04_the_alarms_watch_this_endpoint() -> None:
    found = graph(scorer(replicas=2, p95_latency="100ms"))
    errors, latency = (found.by_name[f"fraud-scorer-{what}-alarm"].props for what in ("errors", "latency"))
    here = {"EndpointName": "fraud-prod-scorer", "VariantName": "AllTraffic"}
    assert (errors["metric_name"], errors["statistic"], errors["threshold"]) == ("Invocation5XXErrors", "Average", 0.01)
    assert (latency["extended_statistic"], latency["threshold"]) == ("p95", 100_000)
    assert errors["dimensions"] == latency["dimensions"] == here


@pytest.mark.parametrize(
    ("instance", "replicas", "kind"),
    [(PLAIN, 1, "ALL_AT_ONCE"), (PLAIN, 2, "CANARY"), ("ml.g5.xlarge", 2, "rolling")],
)
def test_trap_04_the_way_of_an_update_fits_the_fleet(instance: str, replicas: int, kind: str) -> None:
    found = deployment(graph(scorer(instance, replicas=replicas)))
    if kind == "rolling":
        assert inside(found, "rolling_update_policy", "maximum_batch_size", "value") == 50
    else:
        routing = inside(found, "blue_green_update_policy", "traffic_routing_configuration", "type")
        assert routing == kind


def test_trap_04_test_stacks_are_updated_at_once() -> None:
    assert deployment(graph(scorer(), stack="test")) is None


def test_trap_04_guardrails_do_not_work_on_inf1() -> None:
    model = Model(image=f"{ECR}/fraud:1.7", artifact="s3://acme-models/m.tar.gz", compiled_for="inf1")
    endpoint = scorer("ml.inf1.xlarge", model=model, replicas=2)
    assert ("AWS141", "on.instance") in warnings(endpoint)
    assert deployment(graph(endpoint)) is None
    assert ("AWS141", "update") in warnings(scorer("ml.inf1.xlarge", model=model, replicas=2, update=Canary()))


@pytest.mark.parametrize("update", [Canary(), Linear(), Rolling()])
def test_trap_04_one_machine_cannot_share_its_traffic(update: Update) -> None:
    assert refusals(scorer(update=update)) == [("AWS142", "update")]
    assert refusals(scorer(update=update, replicas=2)) == []


def test_trap_04_several_variants_do_not_roll() -> None:
    other = Variant(name="b", model=MODEL, weight=1, replicas=2)
    assert refusals(scorer(update=Rolling(), replicas=2, variants=[other])) == [("AWS142", "update")]


def test_trap_04_an_update_is_watched_for_an_hour_at_most() -> None:
    assert refusals(scorer(update=Canary(watched_for="61m"), replicas=2)) == [("AWS142", "update.watched_for")]


@pytest.mark.parametrize(("count", "percent"), [(2, 50), (3, 34), (4, 25), (10, 10), (40, 10)])
def test_trap_04_a_canary_is_one_machine_at_least_and_half_of_them_at_most(count: int, percent: int) -> None:
    found = deployment(graph(scorer(update=Canary(percent=10), replicas=count)))
    routing = inside(found, "blue_green_update_policy", "traffic_routing_configuration")
    assert inside(routing, "canary_size", "value") == percent


# ----- 5. Async endpoints never publish InvocationsPerInstance, and never wake by target tracking alone ---


@pytest.mark.parametrize("metric", [InvocationsPerInstance(600), ConcurrentRequests(4)])
def test_trap_05_async_endpoints_publish_no_invocations(metric: Any) -> None:
    endpoint = waiting(replicas=Autoscale(min=1, max=4, target=metric))
    assert refusals(endpoint) == [("AWS133", "replicas.target")]
    assert instead("AWS133", endpoint) == "BacklogPerInstance(5)"


def test_trap_05_an_async_endpoint_at_zero_is_woken() -> None:
    found = graph(waiting(replicas=Autoscale(min=0, max=4, target=BacklogPerInstance(5))))
    tracking = policy(found, "reader-scaling-policy").props["target_tracking_scaling_policy_configuration"]
    followed = inside(tracking, "customized_metric_specification", "metric_name")
    assert followed == "ApproximateBacklogSizePerInstance"
    wake, rings = policy(found, "reader-scaling-wake"), found.by_name["fraud-reader-wake-alarm"].props
    assert wake.props["policy_type"] == "StepScaling"
    step = inside(wake.props["step_scaling_policy_configuration"], "step_adjustments", 0)
    assert step == {"metric_interval_lower_bound": "0", "scaling_adjustment": 1}
    assert (rings["metric_name"], rings["threshold"]) == ("HasBacklogWithoutCapacity", 1)
    assert rings["comparison_operator"] == "GreaterThanOrEqualToThreshold"
    actions = rings["alarm_actions"]
    assert isinstance(actions, tuple)
    assert [getattr(ref, "resource", "") for ref in actions] == [wake.name]
    assert variant(found)["initial_instance_count"] == 1, "AWS makes no endpoint without an instance"


def test_trap_05_one_that_never_sleeps_needs_no_waking() -> None:
    found = graph(waiting(replicas=Autoscale(min=1, max=4, target=BacklogPerInstance(5))))
    assert "fraud-reader-scaling-wake" not in found.by_name


def test_trap_05_only_async_endpoints_scale_to_zero() -> None:
    nothing = Autoscale(min=0, max=4, target=InvocationsPerInstance(600))
    assert refusals(scorer(replicas=nothing)) == [("AWS114", "replicas.min")]


def test_trap_05_something_takes_it_back_to_zero() -> None:
    from mlstage import ScheduledAction

    clock = [ScheduledAction("cron(0 8 * * ? *)", min=0, max=2)]
    assert refusals(waiting(replicas=Autoscale(min=0, max=2, schedule=clock))) == [("AWS139", "replicas")]


# ----- 6. Serverless -------------------------------------------------------------------------------------


@pytest.mark.parametrize("memory", ["512MB", "1536MB", "7GB"])
def test_trap_06_serverless_memory_is_one_to_six_whole_gigabytes(memory: str) -> None:
    assert refusals(serverless(memory)) == [("AWS134", "on.memory")]


def test_trap_06_serverless_concurrency_ends_at_200() -> None:
    assert refusals(serverless(concurrency=201)) == [("AWS135", "on.concurrency")]
    assert refusals(serverless(concurrency=200)) == []


def test_trap_06_what_is_provisioned_is_part_of_what_there_is() -> None:
    assert refusals(serverless(provisioned=11)) == [("AWS136", "on.provisioned")]
    scaled = Autoscale(min=1, max=11, target=ProvisionedConcurrencyUtilization(70))
    assert refusals(serverless(provisioned=scaled)) == [("AWS136", "on.provisioned.max")]
    assert refusals(serverless(provisioned=10)) == []


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"models": "s3://acme-models/all/"}, "models"),
        ({"variants": [Variant(name="b", model=MODEL, weight=1)]}, "variants"),
        ({"shadow": Shadow(model=MODEL)}, "shadow"),
        ({"preprocess": [MODEL]}, "preprocess"),
        ({"capture": DataCapture(to="s3://acme-data/kept/")}, "capture"),
        ({"update": Canary()}, "update"),
    ],
)
def test_trap_06_what_serverless_endpoints_have_not_is_refused(fields: dict[str, Any], path: str) -> None:
    assert refusals(serverless(**fields)) == [("AWS201", path)]


@pytest.mark.parametrize(
    ("fields", "path", "code"),
    [
        ({"model": Model(image=f"{ECR}/f:1", network_isolation=True)}, "model.network_isolation", "AWS137"),
        ({"model": Model(image=f"{ECR}/f:1", compiled_for="inf2")}, "model.compiled_for", "AWS110"),
        ({"model": Model(image=f"{ECR}/f:1", architecture="arm64")}, "model.architecture", "AWS113"),
        ({"model": Model(image=f"{ECR}/f:1", size="6GB")}, "model.size", "AWS137"),
        ({"replicas": 2}, "replicas", "AWS137"),
        ({"purchase": Spot()}, "purchase", "AWS137"),
    ],
)
def test_trap_06_so_is_what_only_instances_have(fields: dict[str, Any], path: str, code: str) -> None:
    assert refusals(serverless(**fields)) == [(code, path)]


def test_trap_06_a_serverless_model_stays_out_of_the_network() -> None:
    from mlstage import OwnNetwork

    closed = Stage(tier="production", network=OwnNetwork())
    assert "vpc_config" not in only(graph(serverless(), stage=closed), ROLE_MODEL).props
    assert "vpc_config" in only(graph(scorer(), stage=closed), ROLE_MODEL).props


def test_trap_06_serverless_scales_on_the_use_of_what_is_provisioned() -> None:
    scaled = Autoscale(min=1, max=5, target=ProvisionedConcurrencyUtilization(70))
    found = graph(serverless(provisioned=scaled))
    assert only(found, "aws.appautoscaling.Target").props["scalable_dimension"] == (
        "sagemaker:variant:DesiredProvisionedConcurrency"
    )
    tracking = only(found, "aws.appautoscaling.Policy").props["target_tracking_scaling_policy_configuration"]
    assert inside(tracking, "predefined_metric_specification", "predefined_metric_type") == (
        "SageMakerVariantProvisionedConcurrencyUtilization"
    )
    assert inside(tracking, "target_value") == 0.7
    wrong = Autoscale(min=1, max=5, target=InvocationsPerInstance(600))
    assert refusals(serverless(provisioned=wrong)) == [("AWS133", "on.provisioned.target")]


# ----- 7. Instance types differ per use and per region -----------------------------------------------------


@pytest.mark.parametrize("instance", ["ml.t3.medium", "ml.trn1.2xlarge"])
def test_trap_07_types_differ_per_use_hosting(instance: str) -> None:
    codes = [code for code, field in refusals(scorer(instance)) if field == "on.instance"]
    assert codes == (["AWS102"] if instance == "ml.t3.medium" else [])


@pytest.mark.parametrize("instance", ["ml.t3.medium", "ml.inf1.xlarge", "ml.c7g.xlarge"])
def test_trap_07_types_differ_per_use_jobs(instance: str) -> None:
    on = SageMaker(instance=instance)
    batch = BatchInference(name="b", model=MODEL, input="s3://a-b/c/", output="s3://a-b/d/", on=on)
    training = Training(name="t", image=f"{ECR}/t:1", inputs={"x": "s3://a-b/c/"}, output="s3://a-b/d/", on=on)
    processing = Processing(name="p", image=f"{ECR}/p:1", on=on)
    assert ("AWS102", "on.instance") in refusals(batch)
    if instance != "ml.t3.medium":
        assert ("AWS102", "on.instance") in refusals(processing)
        assert ("AWS102", "on.instance") in refusals(training)


def test_trap_07_types_differ_per_use_notebooks() -> None:
    assert refusals(Notebook(name="desk", instance="ml.m5.large")) == [("AWS102", "instance")]


def test_trap_07_local_disks_take_no_volume_and_no_key() -> None:
    endpoint = scorer("ml.g5.xlarge", on=SageMaker(instance="ml.g5.xlarge", volume="100GB"))
    assert refusals(endpoint) == [("AWS104", "on.volume")]
    assert "kms_key_arn" not in only(graph(scorer("ml.g5.xlarge")), CONFIG).props
    assert "kms_key_arn" in only(graph(scorer()), CONFIG).props


def test_trap_07_many_models_on_a_gpu_need_triton() -> None:
    def many(model: Model) -> RealtimeEndpoint:
        return scorer("ml.g5.xlarge", model=model, models="s3://acme-models/all/")

    assert refusals(many(Model(image=f"{ECR}/fraud:1.7"))) == [("AWS138", "model.image")]
    assert refusals(many(Model(image=Triton("25.04")))) == []
    assert refusals(scorer(model=Model(image=XGBoost("1.7-1")), models="s3://acme-models/all/")) == []


def test_trap_07_many_models_come_from_the_prefix_only() -> None:
    assert refusals(scorer(models="s3://acme-models/all/")) == [("AWS138", "model.artifact")]


@pytest.mark.parametrize(
    ("instance", "compiled_for", "cores", "path"),
    [
        ("ml.inf2.xlarge", None, None, "model.compiled_for"),
        ("ml.inf2.xlarge", "inf1", None, "model.compiled_for"),
        (PLAIN, "inf2", None, "model.compiled_for"),
        ("ml.inf2.xlarge", "inf2", 4, "model.neuron_cores"),
    ],
)
def test_trap_07_neuron_types_run_what_was_compiled_for_them(
    instance: str, compiled_for: Any, cores: int | None, path: str
) -> None:
    model = Model(image=f"{ECR}/f:1", compiled_for=compiled_for, neuron_cores=cores)
    assert refusals(scorer(instance, model=model)) == [("AWS110", path)]
    right = Model(image=f"{ECR}/f:1", compiled_for="inf2", neuron_cores=2)
    assert refusals(scorer("ml.inf2.xlarge", model=right)) == []


def test_trap_07_burstable_endpoints_cannot_autoscale() -> None:
    scaled = Autoscale(min=1, max=2, target=CpuUtilization(60))
    assert refusals(scorer("ml.t2.medium", replicas=scaled)) == [("AWS103", "replicas")]
    assert refusals(scorer("ml.t2.medium", replicas=2)) == []


@pytest.mark.parametrize("instance", ["ml.p3.2xlarge", "ml.inf1.xlarge"])
def test_trap_07_types_that_go_are_told_of_with_their_successors(instance: str) -> None:
    compiled: Literal["inf1"] | None = "inf1" if "inf1" in instance else None
    endpoint = scorer(instance, model=Model(image=f"{ECR}/f:1", compiled_for=compiled))
    assert ("AWS112", "on.instance") in warnings(endpoint)
    assert instead("AWS112", endpoint).startswith('"ml.')


def test_trap_07_a_type_may_be_missing_in_the_region() -> None:
    endpoint = Training(
        name="t",
        image=f"{ECR}/t:1",
        inputs={"x": "s3://a-b/c/"},
        output="s3://a-b/d/",
        on=SageMaker(instance="ml.trn2.48xlarge"),
    )
    assert ("AWS157", "on.instance") in warnings(endpoint)
    assert ("AWS157", "on.instance") not in warnings(scorer())


def test_trap_07_a_gpu_metric_needs_a_gpu() -> None:
    scaled = Autoscale(min=1, max=4, target=GpuUtilization(60))
    assert refusals(scorer(replicas=scaled)) == [("AWS133", "replicas.target")]
    assert refusals(scorer("ml.g5.xlarge", replicas=scaled)) == []


# ----- 8. Containers ---------------------------------------------------------------------------------------


def test_trap_08_an_arm_image_does_not_run_on_x86() -> None:
    model = Model(image=f"{ECR}/f:1", architecture="arm64")
    assert refusals(scorer(model=model)) == [("AWS113", "model.architecture")]
    assert refusals(scorer("ml.c7g.xlarge", model=model)) == []


def test_trap_08_images_of_another_region_are_not_pulled() -> None:
    model = Model(image="123456789012.dkr.ecr.eu-west-1.amazonaws.com/f:1")
    assert refusals(scorer(model=model)) == [("AWS106", "model.image")]
    assert instead("AWS106", scorer(model=model)).startswith('"123456789012.dkr.ecr.us-east-1.')


def test_trap_08_a_bucket_that_names_another_region_is_told_of() -> None:
    model = Model(image=f"{ECR}/f:1", artifact="s3://acme-eu-west-1-models/m.tar.gz")
    assert ("AWS132", "model.artifact") in warnings(scorer(model=model))


@pytest.mark.parametrize(("size", "seconds"), [("100MB", 64), ("10GB", 469), ("60GB", 2517)])
def test_trap_08_time_outs_follow_from_the_size(size: str, seconds: int) -> None:
    made = variant(graph(scorer(model=Model(image=f"{ECR}/f:1", artifact="s3://a-b/m", size=size))))
    assert made["model_data_download_timeout_in_seconds"] == seconds
    assert made["container_startup_health_check_timeout_in_seconds"] == seconds


def test_trap_08_what_cannot_be_loaded_in_time_is_refused() -> None:
    model = Model(image=f"{ECR}/f:1", artifact="s3://a-b/m", size="200GB")
    assert refusals(scorer(model=model)) == [("AWS152", "model.size")]


# ----- 9. Names ----------------------------------------------------------------------------------------------


def test_trap_09_long_names_are_shortened_with_a_hash_never_cut() -> None:
    long = "a-scorer-with-a-name-that-says-all-there-is-to-say-about-it"
    other = f"{long[:-2]}us"
    names = {str(only(graph(scorer(name=name)), ENDPOINT).props["name"]) for name in (long, other)}
    assert len(names) == 2
    assert all(len(name) <= 63 for name in names)
    for name in (long, other):
        config = str(only(graph(scorer(name=name)), CONFIG).props["name"])
        assert len(config) <= 63


# ----- 10. Fresh roles ---------------------------------------------------------------------------------------


def test_trap_10_a_model_waits_for_its_role_to_be_allowed_all() -> None:
    found = graph(scorer())
    assert only(found, ROLE_MODEL).depends_on == ("fraud-scorer-role-policy",)


def test_trap_10_roles_are_least_privilege() -> None:
    found = graph(scorer(), waiting(), serverless(name="small"))
    assert found.of("aws.iam.RolePolicyAttachment") == ()
    for one in found.of("aws.iam.RolePolicy"):
        listed = inside(one.props["policy"], "Statement")
        assert isinstance(listed, tuple)
        for statement in listed:
            actions = inside(statement, "Action")
            assert "*" not in str(actions), (one.name, actions)


# ----- Payloads ----------------------------------------------------------------------------------------------


def test_trap_payloads_a_real_time_answer_takes_a_minute_at_most() -> None:
    assert refusals(scorer(p95_latency="61s")) == [("AWS148", "p95_latency")]


def test_trap_payloads_an_asynchronous_one_an_hour() -> None:
    assert refusals(waiting(timeout="61m")) == [("AWS148", "timeout")]
    assert refusals(waiting(concurrency=1001)) == [("AWS148", "concurrency")]


def batch(**fields: Any) -> BatchInference:
    given = {"name": "b", "model": MODEL, "input": "s3://a-b/c/", "output": "s3://a-b/d/"}
    return BatchInference.build({**given, "on": SageMaker(instance=PLAIN), **fields})


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"payload": 101}, "payload"),
        ({"payload": 20, "concurrency": 6}, "concurrency"),
        ({"concurrency": 17}, "concurrency"),
        ({"payload": 0, "concurrency": 2}, "concurrency"),
    ],
)
def test_trap_payloads_batch_requests_are_100_mb_together(fields: dict[str, Any], path: str) -> None:
    assert refusals(batch(**fields)) == [("AWS148", path)]
    assert refusals(batch(payload=20, concurrency=5)) == []


def test_stages_may_differ() -> None:
    endpoint = scorer(replicas=per_stage(test=1, prod=2))
    assert variant(graph(endpoint, stack="test"))["initial_instance_count"] == 1
