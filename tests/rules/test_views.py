"""Views: links by reference and by name, jobs in pipelines, what is encrypted and what is Spot."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from mlstage.graph import UNKNOWN, Graph, Join, JsonDocument, Ref, Resource, Value
from mlstage.rules import examples
from mlstage.rules.truth import field
from mlstage.rules.views.endpoints import endpoints
from mlstage.rules.views.links import Pointers, follow
from mlstage.rules.views.pipelines import jobs
from mlstage.rules.views.policies import statements
from mlstage.rules.views.scaling import scaling_of
from mlstage.rules.views.services import Capacity, Service, strategies
from mlstage.rules.views.storage import stores

CONFIG = "aws.sagemaker.EndpointConfiguration"


def endpoint_on(named: Value, *others: Resource) -> Graph:
    return Graph((replace(examples.endpoint(), props={"name": "scorer", "endpoint_config_name": named}), *others))


@pytest.mark.parametrize(
    ("named", "found", "known"),
    [
        (Ref("scorer-config", "name"), ["scorer-config"], True),
        # A reader knows of what a value is made before it knows the value.
        (Ref("scorer-config", ""), ["scorer-config"], True),
        (Join((Ref("scorer-config", ""), Ref("scorer-endpoint", ""))), ["scorer-config"], True),
        ("scorer-5f3a", ["scorer-config"], True),
        ("another", [], True),
        (UNKNOWN, [], False),
        (Ref("elsewhere", "name"), [], False),
    ],
)
def test_an_endpoint_leads_to_its_configuration(named: Value, found: list[str], known: bool) -> None:
    graph = endpoint_on(named, examples.configuration())
    link = follow(graph, field(graph.by_name["scorer-endpoint"], "endpoint_config_name"), CONFIG)
    assert ([resource.name for resource in link.resources], link.known) == (found, known)
    (endpoint,) = endpoints(graph)
    assert endpoint.is_realtime.value is (True if found else None)


@pytest.mark.parametrize(
    ("named", "found"),
    [
        (Join(("arn:aws:iam::", Ref("caller", "account_id"), ":role/scorer")), ["role"]),
        (Join((Ref("role", "name"), "-old")), ["role"]),
        (Join(("arn:aws:iam::", Ref("caller", "account_id"), ":role/other")), []),
        # What has a reference in it is nobody's name.
        (Join(("arn:aws:iam::1:role/scorer", Ref("caller", "account_id"))), []),
    ],
)
def test_a_text_with_references_names_what_it_ends_in(named: Value, found: list[str]) -> None:
    role = Resource("role", "aws.iam.Role", {"name": "scorer"})
    task = Resource("task", "aws.ecs.TaskDefinition", {"task_role_arn": named})
    link = follow(Graph((role, task)), field(task, "task_role_arn"), "aws.iam.Role")
    assert [one.name for one in link.resources] == found


def test_what_is_scaled_is_named_behind_its_cluster() -> None:
    service = Resource("web", "aws.ecs.Service", {"name": "llm"})
    other = Resource("web-2", "aws.ecs.Service", {"name": "llm-2"})
    at = Join(("service/", Ref("cluster", "name"), "/llm"))
    target = Resource("target", "aws.appautoscaling.Target", {"service_namespace": "ecs", "resource_id": at})
    scaling = scaling_of(Graph((Resource("cluster", "aws.ecs.Cluster", {}), service, other, target)), "ecs")
    assert [one.name for one in scaling.targets(service)] == ["target"]
    assert scaling.targets(other) == ()


def test_an_arn_names_what_it_ends_in() -> None:
    cluster = Resource("cluster", "aws.ecs.Cluster", {"name": "scoring"})
    service = Resource("web", "aws.ecs.Service", {"cluster": "arn:aws:ecs:us-east-1:123456789012:cluster/scoring"})
    graph = Graph((cluster, service))
    assert follow(graph, field(service, "cluster"), "aws.ecs.Cluster").resources == (cluster,)


@pytest.mark.parametrize(
    ("resource_id", "scaled"),
    [
        ("endpoint/scorer/variant/AllTraffic", True),
        (Join(("endpoint/", Ref("scorer-endpoint", "name"), "/variant/AllTraffic")), True),
        (Ref("scorer-endpoint", ""), True),
        ("endpoint/scorer/variant/Canary", False),
        (Join(("endpoint/", Ref("scorer-endpoint", "name"), "/variant/Canary")), False),
        ("endpoint/other/variant/scorer", False),
        (UNKNOWN, None),
    ],
)
def test_a_variant_is_scaled_by_what_names_it(resource_id: Value, scaled: bool | None) -> None:
    target, policy = examples.scaling()
    target = target.with_props(resource_id=resource_id)
    graph = Graph((examples.configuration(), examples.endpoint(), target, policy))
    (endpoint,) = endpoints(graph)
    assert endpoint.served[0].is_scaled.value is scaled


def test_a_policy_may_name_the_endpoint_itself() -> None:
    target, policy = examples.scaling()
    policy = policy.with_props(resource_id="endpoint/scorer/variant/AllTraffic")
    (endpoint,) = endpoints(Graph((examples.configuration(), examples.endpoint(), target, policy)))
    assert endpoint.served[0].is_scaled.value is True


def test_sagemaker_s_own_scaling_counts() -> None:
    config = examples.configuration()
    variants = config.props["production_variants"]
    assert isinstance(variants, tuple) and isinstance(variants[0], dict)
    scaling: Value = {"status": "ENABLED", "min_instance_count": 1, "max_instance_count": 4}
    scaled: dict[str, Value] = {**variants[0], "managed_instance_scaling": scaling}
    config = config.with_props(production_variants=(scaled,))
    (endpoint,) = endpoints(Graph((config, examples.endpoint())))
    assert endpoint.served[0].is_scaled.value is True
    assert endpoint.served[0].minimum.path == "production_variants[0].managed_instance_scaling.min_instance_count"


def test_pointers_pass_through_what_they_point_at() -> None:
    target, policy = examples.scaling()
    targets = Pointers([target], "resource_id")
    assert Pointers([policy], "resource_id", through=targets).to(examples.endpoint()) == (policy,)
    assert Pointers([policy], "resource_id").to(examples.endpoint()) == ()


def pipeline(definition: Value) -> Resource:
    return replace(examples.training(), props={"pipeline_definition": definition})


DEFINITION: dict[str, Value] = {
    "Parameters": (
        {"Name": "Type", "Type": "String", "DefaultValue": "ml.p4d.24xlarge"},
        {"Name": "Free", "Type": "String"},
    ),
    "Steps": (
        {
            "Name": "a",
            "Type": "Training",
            "Arguments": {"ResourceConfig": {"InstanceType": {"Get": "Parameters.Type"}}},
        },
        {
            "Name": "b",
            "Type": "Training",
            "Arguments": {"ResourceConfig": {"InstanceType": {"Get": "Parameters.Free"}}},
        },
        {
            "Name": "if",
            "Type": "Condition",
            "Arguments": {
                "IfSteps": (
                    {
                        "Name": "c",
                        "Type": "Processing",
                        "Arguments": {"ProcessingResources": {"ClusterConfig": {"InstanceType": "ml.m5.large"}}},
                    },
                ),
                "ElseSteps": (
                    {
                        "Name": "d",
                        "Type": "Tuning",
                        "Arguments": {
                            "TrainingJobDefinition": {
                                "EnableManagedSpotTraining": True,
                                "ResourceConfig": {"InstanceGroups": ({"InstanceType": "ml.g5.xlarge"},)},
                            }
                        },
                    },
                ),
            },
        },
        {"Name": "e", "Type": "Transform", "Arguments": {"TransformResources": {"InstanceType": "ml.c5.xlarge"}}},
        {"Name": "f", "Type": "Lambda", "Arguments": {}},
    ),
}


@pytest.mark.parametrize("as_text", [False, True])
def test_jobs_are_found_in_a_definition_with_their_machines(as_text: bool) -> None:
    definition: Value = json.dumps(DEFINITION) if as_text else JsonDocument(DEFINITION)
    found = {job.name: [kind.value for kind in job.instance_types] for job in jobs(pipeline(definition))}
    assert found == {
        "a": ["ml.p4d.24xlarge"],
        "b": [UNKNOWN],
        "c": ["ml.m5.large"],
        "d": [None, "ml.g5.xlarge"],
        "e": ["ml.c5.xlarge"],
    }


def test_a_tuning_job_trains_on_spot_as_its_training_jobs_do() -> None:
    (tuning,) = (job for job in jobs(pipeline(JsonDocument(DEFINITION))) if job.kind == "Tuning")
    assert (tuning.spot.value, tuning.checkpoint.value) == (True, None)
    path = "pipeline_definition.Steps[2].Arguments.ElseSteps[0].Arguments.TrainingJobDefinition"
    assert tuning.spot.path == f"{path}.EnableManagedSpotTraining"


@pytest.mark.parametrize("definition", [UNKNOWN, "{", Join((Ref("a", "b"), "x")), None])
def test_a_definition_that_cannot_be_read_is_one_job_that_nobody_knows(definition: Value) -> None:
    (job,) = jobs(pipeline(definition))
    assert job.spot.is_true().value is None
    assert job.words == ""


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (examples.volume(encrypted=True), {"": True}),
        (examples.volume(kms_key_id="arn:aws:kms:us-east-1:1:key/1"), {"": True}),
        (examples.volume(encrypted=False, kms_key_id="arn:aws:kms:us-east-1:1:key/1"), {"": False}),
        (examples.volume(), {"": False}),
        (examples.volume(snapshot_id="snap-1"), {"": None}),
        (Resource("i", "aws.ec2.Instance", {}), {"root volume": None}),
        (
            Resource(
                "i",
                "aws.ec2.Instance",
                {
                    "root_block_device": {"encrypted": True},
                    "ebs_block_devices": ({"device_name": "/dev/sdb"}, {"device_name": "/dev/sdc", "encrypted": True}),
                },
            ),
            {"root volume": True, "volume /dev/sdb": False, "volume /dev/sdc": True},
        ),
        (
            Resource(
                "t",
                "aws.ec2.LaunchTemplate",
                {
                    "block_device_mappings": (
                        {"device_name": "/dev/xvda", "ebs": {"encrypted": "false"}},
                        {"device_name": "/dev/sdb", "virtual_name": "ephemeral0"},
                    )
                },
            ),
            {"volume /dev/xvda": False},
        ),
        (Resource("t", "aws.ec2.LaunchTemplate", {}), {"root volume": None}),
        (Resource("d", "aws.sagemaker.Domain", {}), {"file system": False}),
        (Resource("d", "aws.sagemaker.Domain", {"kms_key_id": Ref("key", "arn")}), {"file system": True}),
        (examples.configuration("ml.g5.xlarge", encrypted=False), {"volumes": True}),
        (examples.configuration("ml.m5.xlarge", encrypted=False), {"volumes": False}),
        (examples.configuration("ml.z99.xlarge", encrypted=False), {"volumes": None}),
    ],
)
def test_what_is_stored_where_and_whether_encrypted(resource: Resource, expected: dict[str, bool | None]) -> None:
    assert {store.part: store.is_encrypted.value for store in stores(resource)} == expected


def test_statements_of_inline_policies_of_a_role() -> None:
    allow = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    policy = json.dumps({"Statement": allow})
    role = Resource("r", "aws.iam.Role", {"inline_policies": ({"name": "a", "policy": policy},)})
    (statement,) = statements(role)
    assert statement.actions[0].path == "inline_policies[0].policy.Statement.Action"
    assert list(statements(Resource("r", "aws.iam.Role", {}))) == []
    (unknown,) = statements(Resource("r", "aws.iam.RolePolicy", {"policy": UNKNOWN}))
    assert unknown.allows.value is None


def service(**props: Value) -> Resource:
    return Resource("web", "aws.ecs.Service", {"load_balancers": ({"container_port": 80},), **props})


@pytest.mark.parametrize(
    ("items", "used"),
    [
        (({"capacity_provider": "FARGATE_SPOT"},), [True]),
        (({"capacity_provider": "FARGATE", "weight": 1}, {"capacity_provider": "FARGATE_SPOT"}), [True, False]),
        (
            ({"capacity_provider": "FARGATE", "base": 1}, {"capacity_provider": "FARGATE_SPOT", "weight": 3}),
            [True, True],
        ),
        (({"capacity_provider": "A", "weight": 0}, {"capacity_provider": "B", "weight": UNKNOWN}), [False, None]),
    ],
)
def test_an_item_of_a_strategy_without_weight_gets_no_tasks(items: Value, used: list[bool | None]) -> None:
    found = strategies(field(service(capacity_provider_strategies=items), "capacity_provider_strategies"))
    assert [strategy.is_used.value for strategy in found] == used


def test_a_cluster_s_default_counts_where_a_service_says_nothing() -> None:
    cluster = Resource("cluster", "aws.ecs.Cluster", {"name": "scoring"})
    defaults = Resource(
        "defaults",
        "aws.ecs.ClusterCapacityProviders",
        {
            "cluster_name": Ref("cluster", "name"),
            "default_capacity_provider_strategies": ({"capacity_provider": "FARGATE_SPOT", "weight": 1},),
        },
    )
    silent = service(cluster=Ref("cluster", "arn"))
    graph = Graph((cluster, defaults, silent))
    capacity = Capacity(graph)
    assert [s.is_fargate_spot.value for s in capacity.default_strategy(Service(silent))] == [True]
    said = service(cluster=Ref("cluster", "arn"), launch_type="FARGATE")
    assert list(capacity.default_strategy(Service(said))) == []


@pytest.mark.parametrize(
    ("group", "template", "spot"),
    [
        (
            {"launch_template": {"id": Ref("template", "id")}},
            {"instance_market_options": {"market_type": "spot"}},
            True,
        ),
        ({"launch_template": {"name": "machines"}}, {"instance_market_options": {"market_type": "spot"}}, True),
        ({"launch_template": {"id": Ref("template", "id")}}, {}, False),
        ({"launch_template": {"id": "lt-0123456789abcdef0"}}, {}, None),
        (
            {"mixed_instances_policy": {"instances_distribution": {"on_demand_percentage_above_base_capacity": 50}}},
            {},
            True,
        ),
        (
            {"mixed_instances_policy": {"instances_distribution": {"on_demand_percentage_above_base_capacity": 100}}},
            {},
            False,
        ),
    ],
)
def test_a_capacity_provider_is_spot_as_its_group_is(
    group: dict[str, Value], template: dict[str, Value], spot: bool | None
) -> None:
    provider = {"auto_scaling_group_provider": {"auto_scaling_group_arn": Ref("group", "arn")}}
    web = service(capacity_provider_strategies=({"capacity_provider": Ref("provider", "name")},))
    graph = Graph(
        (
            Resource("template", "aws.ec2.LaunchTemplate", {"name": "machines", **template}),
            Resource("group", "aws.autoscaling.Group", group),
            Resource("provider", "aws.ecs.CapacityProvider", provider),
            web,
        )
    )
    (strategy,) = strategies(Service(web).strategy)
    assert Capacity(graph).is_spot(strategy).value is spot
