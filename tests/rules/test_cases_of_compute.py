"""Rules about compute and purchase: what is inferred of infrastructure that mlstage did not write."""

from __future__ import annotations

from typing import Any

import pytest

from mlstage.graph import UNKNOWN, Graph, Group, JsonDocument, Ref, Resource, Value
from mlstage.graph.properties import properties_of
from mlstage.rules import examples
from mlstage.rules.examples import jobs as job_examples
from tests.rules.test_cases import fields, said

KIND = "production_variants[0].instance_type"


def variant(instance_type: Value) -> Resource:
    item: dict[str, Value] = {"variant_name": "a", "model_name": "fraud-xgboost", "instance_type": instance_type}
    return examples.configuration().with_props(production_variants=({**item, "initial_instance_count": 2},))


@pytest.mark.parametrize(
    ("image", "registry", "instance_type", "expected"),
    [
        ("sagemaker-xgboost:1.7-1", "683313688378.dkr.ecr.us-east-1.amazonaws.com", "ml.g5.xlarge", [(KIND, True)]),
        ("ml/churn-lightgbm:2026-11-01", examples.REGISTRY, "ml.g4dn.xlarge", [(KIND, True)]),
        ("churn-sklearn:1", examples.REGISTRY, "ml.inf2.xlarge", [(KIND, True)]),
        # A word within another one says nothing.
        ("taxgboosters:1", examples.REGISTRY, "ml.g5.xlarge", []),
        # The registry's host is no part of the name.
        ("reviews:1", "xgboost.registry.acme.example", "ml.g5.xlarge", []),
        ("sagemaker-xgboost:1.7-1", examples.REGISTRY, "ml.c5.xlarge", []),
        # What is known is enough: no accelerator, no question.
        (UNKNOWN, "", "ml.c5.xlarge", []),
        (UNKNOWN, "", "ml.g5.xlarge", [("primary_container.image", False)]),
        ("sagemaker-xgboost:1.7-1", examples.REGISTRY, UNKNOWN, [(KIND, False)]),
    ],
)
def test_classical_models_by_their_image(image: Value, registry: str, instance_type: Value, expected: Any) -> None:
    model = examples.model()
    address: Value = f"{registry}/{image}" if isinstance(image, str) else image
    model = model.with_props(primary_container={"image": address})
    graph = examples.in_production_stack(model, variant(instance_type), examples.endpoint())
    assert fields("ML106", graph) == expected


def test_a_model_of_another_stack_leaves_its_image_open() -> None:
    config = variant("ml.g5.xlarge")
    other = examples.model().with_props(name="another")
    graph = examples.in_production_stack(other, config, examples.endpoint())
    assert fields("ML106", graph) == [("production_variants[0].model_name", False)]
    assert fields("ML109", graph) == []  # NVIDIA runs what is not compiled


@pytest.mark.parametrize(
    ("hyperparameters", "expected"),
    [
        ({"tree_method": "gpu_hist"}, []),
        ({"device": '"cuda:0"'}, []),
        ({"tree_method": "hist", "max_depth": "6"}, [True]),
        ({"tree_method": UNKNOWN}, [False]),
        (UNKNOWN, [False]),
        (None, [True]),
    ],
)
def test_training_that_asks_for_the_gpu_gets_it(hyperparameters: Value, expected: list[bool]) -> None:
    arguments: dict[str, Value] = {
        "AlgorithmSpecification": {"TrainingImage": f"{examples.REGISTRY}/fraud-xgboost:1.7-1"},
        "ResourceConfig": {"InstanceType": "ml.g5.xlarge"},
        "HyperParameters": hyperparameters,
    }
    steps: Value = ({"Name": "t", "Type": "Training", "Arguments": arguments},)
    pipeline = examples.training().with_props(pipeline_definition=JsonDocument({"Steps": steps}))
    assert [sure for _, sure in fields("ML106", examples.in_production_stack(pipeline))] == expected


def test_every_container_of_a_model_counts() -> None:
    listed: Value = ({"image": f"{examples.REGISTRY}/features:3"}, {"image": f"{examples.REGISTRY}/fraud-xgboost:1"})
    model = examples.model().with_props(primary_container=None, containers=listed)
    graph = examples.in_production_stack(model, variant("ml.g5.xlarge"), examples.endpoint())
    assert fields("ML106", graph) == [(KIND, True)]


@pytest.mark.parametrize(("kept", "expected"), [(1800, [True]), (0, []), (None, []), (UNKNOWN, [False])])
def test_warm_pools_of_spot_jobs(kept: Value, expected: list[bool]) -> None:
    arguments: Value = {"EnableManagedSpotTraining": True, "ResourceConfig": {"KeepAlivePeriodInSeconds": kept}}
    steps: Value = ({"Name": "t", "Type": "Training", "Arguments": arguments},)
    pipeline = examples.training().with_props(pipeline_definition=JsonDocument({"Steps": steps}))
    assert [sure for _, sure in fields("ML105", examples.in_production_stack(pipeline))] == expected


def test_a_past_type_is_named_with_its_state_and_its_successors() -> None:
    from mlstage.rules import all_rules, judge
    from tests.rules.test_cases import TODAY

    graph = examples.in_production_stack(examples.notebook("ml.p2.xlarge"))
    (found,) = judge(graph, today=TODAY, rules=[r for r in all_rules() if r.id == "ML107"]).objections
    assert found.finding.instead == '"ml.g6.xlarge" or "ml.g5.xlarge"'
    assert found.finding.message.startswith("notebook 'explore' runs on ml.p2.xlarge, which is retired (EC2 no longer")


def test_of_past_types_all_places_count() -> None:
    group, pool = examples.machines("m7i.large", "c4.large")[1], examples.node_pool(types=("p3.2xlarge",))
    graph = examples.in_test_stack(group, pool, examples.node_group("SPOT", "m4.large", "m7i.large"))
    assert sorted(fields("ML107", graph)) == [
        ("instance_types[0]", True),
        ("mixed_instances_policy.launch_template.overrides[1].instance_type", True),
        ("spec.template.spec.requirements[1].values[0]", True),
    ]


def group_of(**props: Value) -> Resource:
    return Resource("group", "aws.autoscaling.Group", {"min_size": 1, "max_size": 2, **props})


OVERRIDES = "mixed_instances_policy.launch_template.overrides"


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (({"instance_type": "g5.xlarge"},), [(f"{OVERRIDES}[0].instance_type", True)]),
        # The same type twice, with different weights, is still one type.
        (({"instance_type": "g5.xlarge"}, {"instance_type": "g5.xlarge"}), [(f"{OVERRIDES}[0].instance_type", True)]),
        (({"instance_type": "g5.xlarge"}, {"instance_type": "g6.xlarge"}), []),
        (({"instance_type": "c7i.xlarge"},), []),
        # EC2 chooses among all that have what is asked for.
        (({"instance_requirements": {"accelerator_count": {"min": 1}}},), []),
        (({"instance_type": UNKNOWN},), [(f"{OVERRIDES}[0].instance_type", False)]),
    ],
)
def test_types_that_a_group_falls_back_on(overrides: Value, expected: Any) -> None:
    group = group_of(mixed_instances_policy={"launch_template": {"overrides": overrides}})
    assert fields("ML108", examples.in_production_stack(group)) == expected


def test_a_launch_template_of_another_stack_leaves_the_type_open() -> None:
    group = group_of(launch_template={"id": "lt-0a1b2c3d4e5f60718"})
    assert fields("ML108", examples.in_production_stack(group)) == [("launch_template.id", False)]


def test_a_single_type_of_accelerator_is_no_matter_in_test() -> None:
    assert said("ML108", examples.in_test_stack(*examples.machines("g5.xlarge"))) == []


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("pytorch-inference:2.5.1-gpu-py311", [(KIND, True)]),
        ("pytorch-inference:2.5.1-cpu-py311", [(KIND, True)]),
        ("djl-inference:0.30.0-neuronx-sdk2.20.1", []),
        ("reviews:2.3-cu124", [(KIND, True)]),
        ("occupugpus:1", []),
        ("reviews:2.3", []),
    ],
)
def test_images_that_say_what_they_are_built_for(image: str, expected: Any) -> None:
    graph = examples.in_production_stack(examples.model(image), variant("ml.inf2.xlarge"), examples.endpoint())
    assert fields("ML109", graph) == expected


def test_a_large_model_may_use_machines_built_for_training() -> None:
    config = examples.configuration("ml.p5.48xlarge", encrypted=False)
    groups = [Group("scorer", "RealtimeEndpoint", "SageMaker", facts={"model_mb": size}) for size in (70_000, 900_000)]
    found = [
        fields("ML110", examples.in_production_stack(examples.model(), config, examples.endpoint(), groups=(group,)))
        for group in groups
    ]
    assert found == [[(KIND, True)], []]


def test_asynchronous_endpoints_may_use_machines_built_for_training() -> None:
    output: Value = {"output_config": {"s3_output_path": "s3://acme/answers/"}}
    config = examples.configuration("ml.p4d.24xlarge", async_inference_config=output)
    assert said("ML110", examples.in_production_stack(config, examples.endpoint())) == []


@pytest.mark.parametrize(
    ("kind", "mb", "expected"),
    [
        ("ml.g5.12xlarge", 1_000, [True]),
        ("ml.g5.12xlarge", 20_000, []),
        # SageMaker hosts on nothing smaller of its kind.
        ("ml.g4dn.xlarge", 100, []),
        ("ml.inf2.xlarge", 100, []),
        ("ml.c5.xlarge", 1, []),
        (UNKNOWN, 100, [False]),
    ],
)
def test_accelerators_and_the_size_of_models(kind: Value, mb: int, expected: list[bool]) -> None:
    model = examples.model(tags={"mlstage:model-mb": str(mb)})
    graph = examples.in_production_stack(model, variant(kind), examples.endpoint())
    assert [sure for _, sure in fields("ML111", graph)] == expected


def test_the_limit_of_sizes_is_an_option() -> None:
    model = examples.model(tags={"mlstage:model-mb": "1000"})
    graph = examples.in_production_stack(model, variant("ml.g5.xlarge"), examples.endpoint())
    assert len(said("ML111", graph)) == 1
    assert said("ML111", graph, '{"ML111-oversized-accelerator": {"times": 30}}') == []


def test_a_savings_plan_in_test_is_told_where_the_machine_is() -> None:
    group = Group("scorer", "RealtimeEndpoint", "SageMaker", facts={"savings_plan": "1y"})
    graph = examples.in_test_stack(examples.configuration(), examples.endpoint(), groups=(group,))
    assert said("ML112", graph) == [(KIND, "real-time endpoint 'scorer' is bought with a Savings Plan (1y)")]


def test_a_reservation_that_a_launch_template_runs_in() -> None:
    target: Value = {"capacity_reservation_target": {"capacity_reservation_id": Ref("gpus", "id")}}
    template = Resource("machines", "aws.ec2.LaunchTemplate", {"capacity_reservation_specification": target})
    assert said("ML112", examples.in_test_stack(template)) == [
        (
            "capacity_reservation_specification.capacity_reservation_target.capacity_reservation_id",
            "launch template 'machines' runs in a capacity reservation",
        )
    ]
    none: Value = {"capacity_reservation_preference": "none"}
    assert said("ML112", examples.in_test_stack(template.with_props(capacity_reservation_specification=none))) == []


@pytest.mark.parametrize(
    ("definitions", "expected"),
    [
        (JsonDocument(({"resourceRequirements": ({"type": "GPU", "value": "1"},)},)), [True]),
        ('[{"resourceRequirements": [{"type": "InferenceAccelerator", "value": "x"}]}]', []),
        ('[{"name": "web"}]', []),
        (UNKNOWN, [False]),
    ],
)
def test_gpus_of_tasks_in_test(definitions: Value, expected: list[bool]) -> None:
    task = Resource("task", "aws.ecs.TaskDefinition", {"container_definitions": definitions})
    assert [sure for _, sure in fields("ML102", examples.in_test_stack(task))] == expected


def test_an_allowed_family_is_judged_by_machines_alone() -> None:
    pod = examples.deployment(limits={"nvidia.com/gpu": "1"})
    settings = '{"ML102-gpu-in-test": {"families": ["g5"]}}'
    graph = examples.in_test_stack(*pod, examples.node_group("SPOT", "g5.xlarge", "g6.xlarge"))
    assert [path for path, _ in said("ML102", graph, settings)] == ["instance_types[1]"]


def pool_of(*requirements: tuple[str, Value]) -> Graph:
    asked = tuple({"key": key, "operator": "In", "values": values} for key, values in requirements)
    spec: Value = {"template": {"spec": {"requirements": asked}}}
    return examples.in_production_stack(examples.node_pool().with_props(spec=spec))


@pytest.mark.parametrize(
    ("requirements", "expected"),
    [
        ([("karpenter.k8s.aws/instance-family", ("g5",))], []),
        ([("karpenter.k8s.aws/instance-family", ("g5",)), ("karpenter.k8s.aws/instance-size", ("xlarge",))], [True]),
        ([("eks.amazonaws.com/instance-family", ("g5",)), ("eks.amazonaws.com/instance-size", ("xlarge",))], [True]),
        ([("karpenter.k8s.aws/instance-family", ("g5", "g6")), ("karpenter.k8s.aws/instance-size", ("xlarge",))], []),
        ([("karpenter.k8s.aws/instance-family", ("c6i",)), ("karpenter.k8s.aws/instance-size", ("xlarge",))], []),
        ([("node.kubernetes.io/instance-type", UNKNOWN)], [False]),
    ],
)
def test_a_pool_of_one_family_and_one_size_has_one_type(
    requirements: list[tuple[str, Value]], expected: list[bool]
) -> None:
    assert [sure for _, sure in fields("ML108", pool_of(*requirements))] == expected


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        (("g5.xlarge",), [True]),
        (("g5",), []),
        (("g5.xlarge", "g5"), []),
        (("optimal",), []),
        (("c6i.xlarge",), []),
        ((UNKNOWN,), [False]),
    ],
)
def test_a_family_is_a_choice_for_batch(types: tuple[Value, ...], expected: list[bool]) -> None:
    job, environment, queue = job_examples.batch_job("EC2")
    machines: Value = {"type": "EC2", "instance_types": types}
    graph = examples.in_production_stack(job, environment.with_props(compute_resources=machines), queue)
    assert [sure for _, sure in fields("ML108", graph)] == expected


@pytest.mark.parametrize(
    ("types", "expected"), [(("g5.xlarge",), [True]), (("g5.*",), []), (("g5.xlarge", "g6.xlarge"), []), (None, [])]
)
def test_managed_instances_of_ecs_have_a_list_too(types: Value, expected: list[bool]) -> None:
    needs: Value = {"allowed_instance_types": types}
    provider = Resource(
        "accelerated",
        "aws.ecs.CapacityProvider",
        {"managed_instances_provider": {"instance_launch_template": {"instance_requirements": needs}}},
    )
    assert [sure for _, sure in fields("ML108", examples.in_production_stack(provider))] == expected


def test_a_node_group_may_have_its_type_from_its_launch_template() -> None:
    template, _ = examples.machines()
    group = examples.node_group().with_props(instance_types=None, launch_template={"id": Ref("machines", "id")})
    assert fields("ML108", examples.in_production_stack(group, template)) == [("instance_type", True)]
    away = group.with_props(launch_template={"name": "another-stack-s"})
    assert fields("ML108", examples.in_production_stack(away)) == [("launch_template.name", False)]


def test_the_provider_has_no_list_of_types_for_a_variant() -> None:
    # Once it has, the rule has to ask endpoints as well, and its page to say so.
    assert "instance_pools" not in properties_of("aws.sagemaker.EndpointConfiguration")["production_variants"].inside


@pytest.mark.parametrize(
    ("kind", "gpu", "past"),
    [
        ("p3", [True], [True]),
        ("g5", [True], []),
        ("g5.*", [True], []),
        ("c6i", [], []),
        ("optimal", [], []),
        ("z99", [False], [False]),
    ],
)
def test_a_family_is_judged_as_its_sizes_are(kind: str, gpu: list[bool], past: list[bool]) -> None:
    resources: dict[str, Value] = {"type": "SPOT", "instance_types": (kind,)}
    environment = Resource("machines", "aws.batch.ComputeEnvironment", {"compute_resources": resources})
    in_test = Graph((environment,), stack="test", tier="test")
    assert [sure for _, sure in fields("ML102", in_test)] == gpu
    assert [sure for _, sure in fields("ML107", in_test)] == past


@pytest.mark.parametrize(
    ("share", "behind", "expected"),
    [
        (0, {"target_group_arns": (Ref("group", "arn"),)}, ["target_group_arns"]),
        (0, {"traffic_sources": ({"identifier": "arn:aws:vpc-lattice:::targetgroup/tg-0a", "type": "vpc-lattice"},)},
         ["traffic_sources"]),
        (100, {"target_group_arns": (Ref("group", "arn"),)}, []),
        # Nobody waits for what no load balancer asks.
        (0, {}, []),
    ],
)  # fmt: skip
def test_a_group_behind_a_load_balancer_answers_callers(
    share: int, behind: dict[str, Value], expected: list[str]
) -> None:
    template, group = examples.machines("m7i.large", "m6i.large")
    mixed = group.props["mixed_instances_policy"]
    assert isinstance(mixed, dict)
    bought = {**mixed, "instances_distribution": {"on_demand_percentage_above_base_capacity": share}}
    graph = examples.in_production_stack(template, group.with_props(mixed_instances_policy=bought, **behind))
    assert [place for place, _ in fields("ML101", graph)] == expected


def test_shadow_variants_run_on_machines_too() -> None:
    shadow: Value = ({"variant_name": "shadow", "model_name": "m", "instance_type": "ml.p3.2xlarge"},)
    graph = Graph((examples.configuration().with_props(shadow_production_variants=shadow),), stack="t", tier="test")
    at = "shadow_production_variants[0].instance_type"
    assert (at, True) in fields("ML102", graph)
    assert (at, True) in fields("ML107", graph)
