"""What jobs cost that state machines and schedules start: SageMaker's, tasks of ECS, jobs of AWS Batch, functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from mlstage.graph import UNKNOWN, Graph, JsonDocument, Ref, Resource, Value
from mlstage.insight.cost import Amount, Line, estimate
from mlstage.insight.quotas import needs
from tests.insight.graphs import graph, resource, schedule
from tests.insight.graphs import training as pipeline

DAYS = 365.25 / 12
RUNS: Mapping[str, Value] = {"runs": {"seconds": 3600.0}}


def amounts(amount: Amount) -> list[float]:
    return [round(amount.low, 2), round(amount.expected, 2), round(amount.high, 2)]


def lines(made: Graph, status: str = "priced") -> dict[str, Line]:
    return {one.what: one for one in estimate(made).lines if one.status == status}


def call(action: str, arguments: Mapping[str, Value], **more: Value) -> dict[str, Value]:
    return {"Type": "Task", "Resource": f"arn:aws:states:::{action}", "Parameters": arguments, **more}


def machine(states: Mapping[str, Value], first: str, **more: Value) -> Resource:
    definition = JsonDocument({"StartAt": first, "States": states, **more})
    return resource("sfn.StateMachine", "machine", name="m", definition=definition)


def cluster(instance: str, count: int = 1) -> dict[str, Value]:
    return {"InstanceType": instance, "InstanceCount": count, "VolumeSizeInGB": 100}


def training(instance: str = "ml.m5.xlarge", hours: int = 2, **more: Value) -> dict[str, Value]:
    arguments: dict[str, Value] = {
        "ResourceConfig": cluster(instance),
        "StoppingCondition": {"MaxRuntimeInSeconds": hours * 3600},
    }
    return call("sagemaker:createTrainingJob.sync", arguments, **more)


DAILY = schedule("cron(0 3 * * ? *)", "machine")


def test_jobs_of_a_state_machine_are_paid_as_often_as_its_schedule_says() -> None:
    prepare: dict[str, Value] = {
        "ProcessingResources": {"ClusterConfig": cluster("ml.m5.xlarge", 2)},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    }
    states = {
        "Prepare": call("sagemaker:createProcessingJob.sync", prepare, Next="Train"),
        "Train": training(End=True),
    }
    found = lines(graph(machine(states, "Prepare"), DAILY))
    # Nobody says how long they take: all of their limit, and nothing at the least.
    assert amounts(found["2 x ml.m5.xlarge, processing"].monthly) == [0, *[round(DAYS * 2 * 0.23, 2)] * 2]
    assert amounts(found["1 x ml.m5.xlarge, training"].monthly) == [0, *[round(DAYS * 2 * 0.23, 2)] * 2]


def test_a_choice_may_start_nothing_and_a_failure_starts_nothing_that_is_expected() -> None:
    caught: Value = ({"ErrorEquals": ("States.ALL",), "Next": "Repair"},)
    states: dict[str, Value] = {
        "Good?": {"Type": "Choice", "Choices": ({"Next": "Train"},), "Default": "Done"},
        "Train": training("ml.m5.xlarge", Catch=caught, Next="Done"),
        "Repair": training("ml.c5.xlarge", End=True),
        "Done": {"Type": "Succeed"},
    }
    found = lines(graph(machine(states, "Good?"), DAILY, facts=RUNS))
    assert amounts(found["1 x ml.m5.xlarge, training"].monthly) == [0, 7.0, 14.0]
    low, expected, high = amounts(found["1 x ml.c5.xlarge, training"].monthly)
    assert (low, expected) == (0, 0)
    assert high == pytest.approx(DAYS * 2 * 0.204, abs=0.01)


def test_a_step_of_a_pipeline_under_a_condition_may_not_run() -> None:
    asked: dict[str, Value] = {
        "ResourceConfig": cluster("ml.m5.xlarge"),
        "StoppingCondition": {"MaxRuntimeInSeconds": 7200},
    }
    inner: Value = {"Name": "retrain", "Type": "Training", "Arguments": asked}
    step: Value = {"Name": "drift?", "Type": "Condition", "Arguments": {"IfSteps": (inner,), "ElseSteps": ()}}
    pipeline = resource("sagemaker.Pipeline", "machine", pipeline_definition=JsonDocument({"Steps": (step,)}))
    found = lines(graph(pipeline, DAILY, facts=RUNS))
    assert amounts(found["1 x ml.m5.xlarge, training"].monthly) == [0, 7.0, 14.0]


def test_a_map_starts_as_many_as_it_has_items() -> None:
    inner: Value = {"StartAt": "Train", "States": {"Train": training(End=True)}}
    each: dict[str, Value] = {"Type": "Map", "Items": ("a", "b", "c"), "ItemProcessor": inner, "End": True}
    found = lines(graph(machine({"Each": each}, "Each"), DAILY, facts=RUNS))
    assert found["1 x ml.m5.xlarge, training"].monthly.expected == pytest.approx(3 * DAYS * 0.23)
    unknown = {**each, "Items": "{% $states.input.days %}"}
    (_, line) = lines(graph(machine({"Each": unknown}, "Each"), DAILY, facts=RUNS), "usage").values()
    assert (line.what, line.note) == (
        "1 x ml.m5.xlarge, training",
        "$0.23 per hour; how many of it are started only a run knows",
    )


def test_a_job_that_a_schedule_creates_itself_is_no_free_schedule() -> None:
    asked: Value = {
        "ResourceConfig": cluster("ml.p4d.24xlarge", 2),
        "StoppingCondition": {"MaxRuntimeInSeconds": 7200},
    }
    target: Value = {"arn": "arn:aws:scheduler:::aws-sdk:sagemaker:createTrainingJob", "input": JsonDocument(asked)}
    by_clock = resource("scheduler.Schedule", "nightly", schedule_expression="rate(1 day)", target=target)
    found = lines(graph(by_clock))
    assert amounts(found["2 x ml.p4d.24xlarge, training"].quantity) == [0, *[round(DAYS * 4, 2)] * 2]


def test_a_machine_that_starts_another_passes_its_schedule_on() -> None:
    outer = machine({"Go": call("states:startExecution.sync:2", {"StateMachineArn": Ref("inner", "arn")})}, "Go")
    definition = JsonDocument({"StartAt": "Train", "States": {"Train": training(End=True)}})
    inner = resource("sfn.StateMachine", "inner", name="i", definition=definition)
    line = lines(graph(outer, inner, DAILY, facts=RUNS))["1 x ml.m5.xlarge, training"]
    assert line.monthly.expected == pytest.approx(DAYS * 0.23)
    assert "30.44 runs a month (by machine)" in line.note


def test_a_schedule_counts_beside_a_start_that_nobody_knows_how_often_happens() -> None:
    call_ = {"Go": call("sagemaker:startPipelineExecution", {"PipelineName": Ref("pipeline", "pipeline_name")})}
    by_hand = resource("sfn.StateMachine", "by-hand", definition=JsonDocument({"StartAt": "Go", "States": call_}))
    found = lines(graph(*pipeline(), schedule("rate(1 day)"), by_hand, facts=RUNS))["1 x ml.m5.xlarge, training"]
    assert found.monthly.expected == pytest.approx(DAYS * 0.23)
    assert "how often by-hand starts it is not known" in found.note


def test_what_is_not_known_or_not_priced_is_named() -> None:
    states: dict[str, Value] = {
        "Crawl": call("glue:startJobRun.sync", {"JobName": "etl"}, Next="Look"),
        "Look": call("aws-sdk:sagemaker:describeEndpoint", {}, Next="Tell"),
        "Tell": call("sns:publish", {}, End=True),
    }
    assert list(lines(graph(machine(states, "Crawl")), "unpriced")) == ["glue:startjobrun of state 'Crawl'"]
    hidden = resource("sfn.StateMachine", "machine", name="m", definition=UNKNOWN)
    assert list(lines(graph(hidden), "unpriced")) == ["what it starts"]


def task(**more: Value) -> Resource:
    shape: dict[str, Value] = {"cpu": "4096", "memory": "16384", "requires_compatibilities": ("FARGATE",)}
    return resource("ecs.TaskDefinition", "task", **{**shape, **more})


def run(number: int = 1, **more: Value) -> dict[str, Value]:
    given: dict[str, Value] = {"TaskDefinition": Ref("task", "arn"), "LaunchType": "FARGATE", "Count": number}
    return call("ecs:runTask.sync", given, **more)


def test_every_task_of_a_run_is_paid_and_a_second_try_is_the_same_work() -> None:
    caught: Value = ({"ErrorEquals": ("States.ALL",), "Next": "Again"},)
    states = {"Run": run(5, TimeoutSeconds=7200, Catch=caught, End=True), "Again": run(5, End=True)}
    found = lines(graph(task(), machine(states, "Run"), DAILY, facts=RUNS))
    hour = DAYS * 5 * 4 * 0.04048
    assert amounts(found["5 tasks on Fargate, 4 vCPU each"].monthly) == [
        pytest.approx(each, abs=0.01) for each in (hour, hour, 2 * hour)
    ]


def test_a_task_for_both_kinds_of_capacity_is_paid_where_it_is_started() -> None:
    both = task(requires_compatibilities=("EC2", "FARGATE"))
    found = lines(graph(both, machine({"Run": run(End=True)}, "Run"), DAILY, facts=RUNS))
    assert found["task on Fargate, 4 vCPU each"].monthly.expected == pytest.approx(DAYS * 4 * 0.04048)


def test_a_rule_that_starts_tasks_counts_them() -> None:
    rule = resource("cloudwatch.EventRule", "rule", name="r", schedule_expression="rate(12 hours)")
    asked: Value = {"task_definition_arn": Ref("task", "arn"), "task_count": 3, "launch_type": "FARGATE"}
    target = resource("cloudwatch.EventTarget", "target", rule=Ref("rule", "name"), ecs_target=asked)
    found = lines(graph(task(), rule, target, facts=RUNS))
    assert found["3 tasks on Fargate, 4 vCPU each"].quantity.expected == pytest.approx(DAYS * 2 * 3 * 4)


def test_windows_has_no_price_of_linux() -> None:
    windows = task(runtime_platform={"operating_system_family": "WINDOWS_SERVER_2022_CORE"})
    found = lines(graph(windows, machine({"Run": run(End=True)}, "Run"), DAILY, facts=RUNS), "unpriced")
    assert found["task on Fargate"].note == "no price of Windows on Fargate is known"


def batch(kind: str = "FARGATE") -> tuple[Resource, ...]:
    capacity: dict[str, Value] = {"type": kind, "max_vcpus": 40}
    if kind != "FARGATE":
        capacity["instance_types"] = ("c5.xlarge",)
    asked: Value = ({"type": "VCPU", "value": "4"}, {"type": "MEMORY", "value": "16384"})
    order: Value = ({"order": 1, "compute_environment": Ref("room", "arn")},)
    job: Value = {"JobDefinition": Ref("job", "arn"), "JobQueue": Ref("queue", "arn"), "ArrayProperties": {"Size": 10}}
    target: Value = {"arn": "arn:aws:scheduler:::aws-sdk:batch:submitJob", "input": JsonDocument(job)}
    return (
        resource("batch.ComputeEnvironment", "room", compute_resources=capacity),
        resource("batch.JobQueue", "queue", name="q", compute_environment_orders=order),
        resource(
            "batch.JobDefinition",
            "job",
            name="j",
            container_properties=JsonDocument({"resourceRequirements": asked}),
            timeout={"attempt_duration_seconds": 7200},
        ),
        resource("scheduler.Schedule", "schedule", schedule_expression="rate(1 day)", target=target),
    )


def test_an_array_job_on_fargate_is_paid_for_all_of_its_parts() -> None:
    found = lines(graph(*batch(), facts=RUNS))
    vcpus = DAYS * 10 * 4 * 0.04048
    memory = DAYS * 10 * 16 * 0.004445
    assert amounts(found["10 jobs at once on Fargate, 4 vCPU each"].monthly) == [
        pytest.approx(each, abs=0.01) for each in (vcpus, vcpus, 2 * vcpus)
    ]
    assert found["10 jobs at once on Fargate, 16 GB each"].monthly.expected == pytest.approx(memory)


def test_without_an_expectation_an_array_job_takes_all_of_its_time() -> None:
    found = lines(graph(*batch("EC2")))["10 x c5.xlarge while its jobs run"]
    assert amounts(found.quantity) == [0, *[round(DAYS * 10 * 2, 2)] * 2]


def test_machines_that_a_queue_keeps_on_are_paid_all_month() -> None:
    room, *others = batch("EC2")
    shape: dict[str, Value] = {"type": "EC2", "instance_types": ("c5.xlarge",), "max_vcpus": 40, "min_vcpus": 8}
    found = lines(graph(replace(room, props={"compute_resources": shape}), *others, facts=RUNS))
    assert amounts(found["2 x c5.xlarge"].monthly) == [round(2 * 730 * 0.17, 2)] * 3


def test_capacity_that_comes_second_costs_nothing_but_what_its_jobs_can_take_of_it() -> None:
    room, queue, job, by_day = batch("EC2")
    spot = replace(room, name="spot", props={"compute_resources": {**room.props["compute_resources"], "type": "SPOT"}})  # type: ignore[dict-item]
    orders: Value = tuple(
        {"order": place, "compute_environment": Ref(name, "arn")} for place, name in enumerate(("spot", "room"))
    )
    both = replace(queue, props={"name": "q", "compute_environment_orders": orders})
    (second,) = [
        one for one in estimate(graph(room, spot, both, job, by_day, facts=RUNS)).lines if one.resource == "room"
    ]
    assert amounts(second.quantity) == [0, 0, round(DAYS * 10 * 2, 2)]
    assert "only when those before it in its queue have no room" in second.note


def test_a_function_that_a_state_machine_calls_is_asked_as_often() -> None:
    function = resource("lambda_.Function", "function", name="f", memory_size=1024)
    state: Value = {"Type": "Task", "Resource": Ref("function", "arn"), "End": True}
    found = lines(graph(function, machine({"Go": state}, "Go"), DAILY, facts=RUNS))
    assert found["requests"].quantity.expected == pytest.approx(DAYS)
    assert found["time of requests"].quantity.expected == pytest.approx(DAYS * 3600)


def test_a_scheduled_function_is_found_behind_its_alias_and_takes_its_timeout_at_the_most() -> None:
    function = resource("lambda_.Function", "function", name="f", memory_size=1024, timeout=7200)
    alias = resource("lambda_.Alias", "alias", name="live", function_name=Ref("function", "name"))
    found = lines(graph(function, alias, schedule("rate(1 day)", "alias"), facts=RUNS))["time of requests"]
    hour = DAYS * 3600 * 0.0000166667
    assert amounts(found.monthly) == [pytest.approx(each, abs=0.01) for each in (hour, hour, 2 * hour)]


def test_quotas_count_what_state_machines_start() -> None:
    inner: Value = {
        "StartAt": "Train",
        "States": {"Train": training("ml.g5.xlarge", Next="Run"), "Run": run(2, End=True)},
    }
    each: Value = {"Type": "Map", "Items": ("a", "b", "c"), "ItemProcessor": inner, "End": True}
    found = {one.quota: one.steady for one in needs(graph(task(), machine({"Each": each}, "Each")))}
    assert found == {"ml.g5.xlarge for training job usage": 3, "Fargate On-Demand vCPU resource count": 3 * 2 * 4}
