"""Traps 1 to 6 of SageMaker's endpoints, on the real engine: the order of what is done, what a failure leaves behind.

Each protection is also taken out, to see that its test would fail: the stand-in provider refuses, or stays silent, as
AWS does.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlstage import (
    Autoscale,
    CpuUtilization,
    InvocationsPerInstance,
    Model,
    ProvisionedConcurrencyUtilization,
    RealtimeEndpoint,
    SageMaker,
    SageMakerServerless,
    Variant,
)
from mlstage.graph import Graph
from tests.engine_support import OfflineProject
from tests.targets.support import ECR, MODEL, graph
from tests.traps.engine_runs import about, deploy, new_events, ringing, with_options

pytestmark = pytest.mark.engine

SCALED = Autoscale(min=2, max=8, target=InvocationsPerInstance(600))
ENDPOINT, CONFIG, TARGET, POLICY = "Endpoint", "EndpointConfiguration", "Target", "Policy"
ERRORS = "fraud-prod-scorer-errors"


def scorer(instance: str = "ml.m5.xlarge", model: Model = MODEL, **fields: object) -> RealtimeEndpoint:
    given = {"replicas": SCALED, **fields}
    return RealtimeEndpoint.build({"name": "scorer", "model": model, "on": SageMaker(instance=instance), **given})


def newer(image: str = "fraud:1.8") -> Model:
    return Model(image=f"{ECR}/{image}", artifact="s3://acme-models/fraud/model.tar.gz", size="1GB")


def endpoint_of(project: OfflineProject) -> dict[str, object]:
    (found,) = (one for name, one in project.resources().items() if name.startswith("Endpoint/"))
    return {"id": found["id"], "config": found["outputs"]["endpointConfigName"]}


def config_name(of: Graph) -> object:
    (config,) = of.of("aws.sagemaker.EndpointConfiguration")
    return config.props["name"]


def test_trap_01_configurations_are_immutable_and_keyed_by_name(project: OfflineProject) -> None:
    deploy(project, graph(scorer()))
    before, seen = endpoint_of(project), len(project.done())
    deploy(project, graph(scorer(model=newer())))
    done = about(new_events(project, seen), "Model", CONFIG, ENDPOINT)
    assert [event.split("-")[0].split("/")[0] for event in done] == [
        "create Model",
        "create EndpointConfiguration",
        "update Endpoint",
        "delete EndpointConfiguration",
        "delete Model",
    ]
    after = endpoint_of(project)
    assert after["id"] == before["id"] == "fraud-prod-scorer"
    assert after["config"] != before["config"]


def test_trap_02_autoscaling_blocks_updates(project: OfflineProject) -> None:
    deploy(project, graph(scorer("ml.m5.xlarge")))
    before, seen = endpoint_of(project), len(project.done())
    deploy(project, graph(scorer("ml.c5.xlarge")))
    assert about(new_events(project, seen), ENDPOINT, TARGET, POLICY) == [
        "delete Policy/fraud-scorer-scaling-policy",
        "delete Target/fraud-scorer-scaling-target",
        "update Endpoint/fraud-scorer-endpoint",
        "create Target/fraud-scorer-scaling-target",
        "create Policy/fraud-scorer-scaling-policy",
    ]
    assert endpoint_of(project)["id"] == before["id"]


def test_trap_02_without_the_lock_aws_refuses(project: OfflineProject) -> None:
    def unlocked(of: Graph) -> Graph:
        return with_options(of, lambda options: replace(options, locks="", locked={}))

    deploy(project, unlocked(graph(scorer("ml.m5.xlarge"))))
    said = deploy(project, unlocked(graph(scorer("ml.c5.xlarge"))), fails=True)
    assert "must be deregistered as scalable target" in said


def test_trap_02_a_variant_that_goes_is_deregistered_first(project: OfflineProject) -> None:
    challenger = Variant(name="challenger", model=newer(), weight=0.1, replicas=SCALED)
    deploy(project, graph(scorer(variants=[challenger])))
    seen = len(project.done())
    deploy(project, graph(scorer()))
    done = about(new_events(project, seen), ENDPOINT, TARGET)
    update = done.index("update Endpoint/fraud-scorer-endpoint")
    assert done.index("delete Target/fraud-scorer-challenger-scaling-target") < update
    assert "create Target/fraud-scorer-scaling-target" in done[update:]
    assert "create Target/fraud-scorer-challenger-scaling-target" not in done


def test_trap_02_scaling_and_type_can_change_together(project: OfflineProject) -> None:
    """Nothing scales any more, but what was registered still holds the endpoint."""
    deploy(project, graph(scorer("ml.m5.xlarge")))
    seen = len(project.done())
    deploy(project, graph(scorer("ml.c5.xlarge", replicas=3)))
    assert about(new_events(project, seen), ENDPOINT, TARGET) == [
        "delete Target/fraud-scorer-scaling-target",
        "update Endpoint/fraud-scorer-endpoint",
    ]


def test_trap_02_a_change_that_aws_allows_leaves_the_scaling_alone(project: OfflineProject) -> None:
    deploy(project, graph(scorer()))
    seen = len(project.done())
    deploy(project, graph(scorer(model=newer())))
    assert about(new_events(project, seen), ENDPOINT, TARGET) == ["update Endpoint/fraud-scorer-endpoint"]


def test_trap_04_rollback_looks_like_success(project: OfflineProject, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = graph(scorer()), graph(scorer(model=newer()))
    deploy(project, first)
    seen = len(project.done())
    with ringing(monkeypatch, ERRORS):
        said = deploy(project, second, fails=True)
    assert f"fraud-prod-scorer was to have {config_name(second)}" in said
    assert f"AWS went back to {config_name(first)}, which still serves" in said
    # Of what serves, nothing was deleted.
    assert [event for event in new_events(project, seen) if event.startswith("delete")] == []
    # The same again, once the alarm is silent: AWS is asked again, and then the former configuration goes.
    deploy(project, second)
    assert endpoint_of(project)["config"] == config_name(second)
    assert project.done()[-2:] == [
        f"delete EndpointConfiguration/fraud-scorer-config-{str(config_name(first))[-8:]}",
        f"delete Model/fraud-scorer-model-{str(first.of('aws.sagemaker.Model')[0].props['name'])[-8:]}",
    ]


def test_trap_04_without_the_confirmation_nobody_is_told(
    project: OfflineProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unconfirmed(of: Graph) -> Graph:
        return with_options(of, lambda options: replace(options, confirm=()))

    first = unconfirmed(graph(scorer()))
    deploy(project, first)
    with ringing(monkeypatch, ERRORS):
        deploy(project, unconfirmed(graph(scorer(model=newer()))))
    assert endpoint_of(project)["config"] == config_name(first)


def test_trap_04_without_alarms_a_bad_version_stays(project: OfflineProject, monkeypatch: pytest.MonkeyPatch) -> None:
    """In test nothing is watched: an alarm of the same name takes nothing back."""
    deploy(project, graph(scorer(), stack="test"))
    second = graph(scorer(model=newer()), stack="test")
    with ringing(monkeypatch, "fraud-test-scorer-errors"):
        deploy(project, second)
    assert endpoint_of(project)["config"] == config_name(second)


def test_trap_04_after_a_rollback_the_former_version_can_be_deployed(
    project: OfflineProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = graph(scorer())
    deploy(project, first)
    with ringing(monkeypatch, ERRORS):
        deploy(project, graph(scorer(model=newer())), fails=True)
    deploy(project, first)
    assert endpoint_of(project)["config"] == config_name(first)
    configs = [name for name in project.resources() if name.startswith("EndpointConfiguration/")]
    assert configs == [f"EndpointConfiguration/fraud-scorer-config-{str(config_name(first))[-8:]}"]


def test_trap_04_without_versions_going_back_meets_its_own_name(
    project: OfflineProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unversioned(of: Graph) -> Graph:
        return with_options(of, lambda options: replace(options, version=""))

    first = unversioned(graph(scorer()))
    deploy(project, first)
    with ringing(monkeypatch, ERRORS):
        deploy(project, unversioned(graph(scorer(model=newer()))), fails=True)
    assert "Cannot create already existing" in deploy(project, first, fails=True)


def test_trap_06_serverless_and_instances_do_not_change_into_each_other(project: OfflineProject) -> None:
    on = SageMakerServerless(
        memory="2GB",
        concurrency=10,
        provisioned=Autoscale(min=1, max=5, target=ProvisionedConcurrencyUtilization(70)),
    )
    deploy(project, graph(scorer()))
    seen = len(project.done())
    deploy(project, graph(RealtimeEndpoint(name="scorer", model=MODEL, on=on)))
    assert about(new_events(project, seen), ENDPOINT) == [
        "delete Endpoint/fraud-scorer-endpoint",
        "create Endpoint/fraud-scorer-endpoint",
    ]
    back = len(project.done())
    deploy(project, graph(scorer(replicas=Autoscale(min=2, max=4, target=CpuUtilization(60)))))
    assert about(new_events(project, back), ENDPOINT)[-1] == "create Endpoint/fraud-scorer-endpoint"
    assert endpoint_of(project)["id"] == "fraud-prod-scorer"


def test_trap_06_without_the_trigger_aws_refuses(project: OfflineProject) -> None:
    def untriggered(of: Graph) -> Graph:
        return with_options(of, lambda options: replace(options, trigger=""))

    deploy(project, untriggered(graph(scorer(replicas=2))))
    serverless = RealtimeEndpoint(name="scorer", model=MODEL, on=SageMakerServerless(memory="2GB", concurrency=10))
    assert "configuration is not supported" in deploy(project, untriggered(graph(serverless)), fails=True)
