"""What SageMaker refuses beside the traps: each refusal at its field, with a value beside it that is fine."""

from __future__ import annotations

from typing import Any

import pytest

from mlstage import (
    AsyncEndpoint,
    Autoscale,
    BacklogPerInstance,
    BatchInference,
    Canary,
    Choice,
    Continuous,
    DataCapture,
    DataQuality,
    HuggingFace,
    InvocationsPerInstance,
    Model,
    Notebook,
    OwnNetwork,
    Processing,
    ProvisionedConcurrencyUtilization,
    PyTorch,
    RealtimeEndpoint,
    SageMaker,
    SageMakerServerless,
    Shadow,
    Spot,
    Stage,
    Training,
    Tuning,
    Variant,
    Whole,
    XGBoost,
)
from mlstage.diagnostics import Severity
from mlstage.resolve import StackFile
from mlstage.resolve.resolve import resolve
from mlstage.spec.environment import Environment
from mlstage.targets import check
from tests.targets.support import ECR, MODEL, problems, refusals

OWN = Stage(tier="production", network=OwnNetwork())
ON = SageMaker(instance="ml.m5.xlarge")
ELSEWHERE = "s3://acme-eu-west-1-data/x/"
SEARCH = Tuning(objective="auc", goal="Maximize", ranges={"eta": Continuous(min=0.1, max=0.5)})


def scorer(**fields: Any) -> RealtimeEndpoint:
    return RealtimeEndpoint.build({"name": "scorer", "model": MODEL, "on": ON, **fields})


def reader(**fields: Any) -> AsyncEndpoint:
    return AsyncEndpoint.build({"name": "reader", "model": MODEL, "on": ON, "output": "s3://a-b/d/", **fields})


def batch(**fields: Any) -> BatchInference:
    given = {"name": "b", "model": MODEL, "input": "s3://a-b/c/", "output": "s3://a-b/d/", "on": ON}
    return BatchInference.build({**given, **fields})


def job(**fields: Any) -> Processing:
    return Processing.build({"name": "p", "image": f"{ECR}/p:1", "on": ON, **fields})


def training(**fields: Any) -> Training:
    given = {"name": "fit", "image": f"{ECR}/fit:1", "inputs": {"train": "s3://a-b/c/"}, "output": "s3://a-b/d/"}
    return Training.build({**given, "on": ON, **fields})


def variant(name: str, **fields: Any) -> Variant:
    return Variant.build({"name": name, "model": MODEL, "weight": 1, **fields})


def said(*workloads: Any, severity: Severity = Severity.WARNING, stage: Stage | None = None) -> list[tuple[str, str]]:
    return [(one.code, one.field) for one in problems(*workloads, stage=stage) if one.severity is severity]


MONITOR = DataQuality(baseline="s3://a-b/base/", output="s3://a-b/out/")


def captured(**fields: Any) -> DataCapture:
    monitor = DataQuality.build({"baseline": "s3://a-b/base/", "output": "s3://a-b/out/", **fields})
    return DataCapture(to="s3://a-b/kept/", monitor=monitor)


WRONG = [
    (reader(update=Canary()), ("AWS142", "update")),
    (batch(model=Model(image="123456789012.dkr.ecr.eu-west-1.amazonaws.com/f:1")), ("AWS106", "model.image")),
    (batch(preprocess=[Model(image=f"{ECR}/f:1", architecture="arm64")]), ("AWS113", "preprocess.0.architecture")),
    (batch(on=SageMaker(instance="ml.m5.xlarge", volume="50GB")), ("AWS104", "on.volume")),
    (batch(replicas=101), ("AWS148", "replicas")),
    (batch(split="None", strategy="MultiRecord"), ("AWS147", "strategy")),
    (batch(split="RecordIO", join_input=True), ("AWS147", "join_input")),
    (scorer(capture=captured(instance="ml.inf1.xlarge")), ("AWS102", "capture.monitor.instance")),
    (scorer(capture=captured(schedule="rate(1 hour)")), ("AWS143", "capture.monitor.schedule")),
    (
        scorer(model=Model(image=XGBoost("1.7-1")), models="s3://a-b/all/", capture=captured()),
        ("AWS143", "capture.monitor"),
    ),
    (
        scorer(variants=[variant("b", on=SageMakerServerless(memory="2GB", concurrency=1))]),
        ("AWS140", "variants.0.on"),
    ),
    (scorer(shadow=Shadow(model=MODEL, on=SageMakerServerless(memory="2GB", concurrency=1))), ("AWS140", "shadow.on")),
    (scorer(variants=[variant(f"v{number}") for number in range(10)]), ("AWS140", "variants")),
    (scorer(variants=[variant("b")], shadow=Shadow(model=MODEL)), ("AWS140", "shadow")),
    (scorer(variants=[variant("b"), variant("B")]), ("AWS140", "variants")),
    (scorer(preprocess=[MODEL] * 15), ("AWS140", "preprocess")),
    (scorer(model=Model(image=XGBoost("1.7-1")), models="s3://a-b/all/", preprocess=[MODEL]), ("AWS138", "models")),
    (
        scorer(
            model=Model(image=f"{ECR}/f:1", compiled_for="inf2"),
            models="s3://a-b/all/",
            on=SageMaker(instance="ml.inf2.xlarge"),
        ),
        ("AWS138", "on.instance"),
    ),
    (
        scorer(variants=[variant("b", on=SageMaker(instance="ml.t3.medium"))]),
        ("AWS102", "variants.0.on.instance"),
    ),
    (
        scorer(variants=[variant("b", replicas=Autoscale(min=1, max=2, target=BacklogPerInstance(3)))]),
        ("AWS133", "variants.0.replicas.target"),
    ),
    (scorer(model=Model(image=XGBoost("9.9"))), ("AWS131", "model.image")),
    (training(image=HuggingFace("4.56")), ("AWS131", "image")),  # for GPUs only
    (job(image=PyTorch("99.0")), ("AWS131", "image")),
    (Notebook(name="desk", instance="ml.t3.medium", volume="4GB"), ("AWS116", "volume")),
    (Notebook(name="desk", instance="ml.t3.medium", stop_when_idle="5m"), ("SPEC104", "stop_when_idle")),
    (job(environment={"HF_MODEL_ID": "org/model"}, network_isolation=True), ("AWS146", "environment")),
    (job(replicas=101), ("AWS148", "replicas")),
    (job(on=SageMaker(instance="ml.g5.xlarge", volume="50GB")), ("AWS104", "on.volume")),
    (
        scorer(
            on=SageMakerServerless(
                memory="2GB",
                concurrency=5,
                provisioned=Autoscale(min=0, max=5, target=ProvisionedConcurrencyUtilization(70)),
            )
        ),
        ("AWS136", "on.provisioned.min"),
    ),
    (
        scorer(
            on=SageMakerServerless(memory="2GB", concurrency=5),
            model=Model(image="123456789012.dkr.ecr.eu-west-1.amazonaws.com/f:1"),
        ),
        ("AWS106", "model.image"),
    ),
    (training(on=SageMaker(instance="ml.g5.xlarge", volume="50GB")), ("AWS104", "on.volume")),
    (training(inputs={f"c{number}": "s3://a-b/c/" for number in range(21)}), ("AWS149", "inputs")),
    (training(environment={"HF_MODEL_ID": "org/model"}, network_isolation=True), ("AWS146", "environment")),
    (training(tune=SEARCH), ("AWS150", "tune.objective")),
    (
        training(tune=Tuning.build({**dict(SEARCH), "strategy": "Grid"}), metrics={"auc": "auc=(.*)"}),
        ("AWS150", "tune.ranges"),
    ),
    (
        training(tune=SEARCH, metrics={"auc": "auc=(.*)"}, hyperparameters={"eta": "0.2"}),
        ("AWS150", "tune.ranges"),
    ),
    (training(tune=SEARCH, metrics={"auc": "auc=(.*)"}, keep_warm="5m"), ("AWS144", "keep_warm")),
]


@pytest.mark.parametrize(
    ("workload", "expected"), WRONG, ids=lambda one: ":".join(one) if isinstance(one, tuple) else ""
)
def test_a_value_that_cannot_work_is_refused_at_its_field(workload: Any, expected: tuple[str, str]) -> None:
    assert refusals(workload) == [expected]
    (found,) = (one for one in problems(workload) if one.code == expected[0] and one.severity is Severity.ERROR)
    assert found.instead
    assert found.where is not None, "the author is shown the line"


FINE = [
    reader(update=Canary(), replicas=2),
    batch(preprocess=[MODEL], join_input=True, strategy="MultiRecord", replicas=100),
    scorer(capture=captured()),
    scorer(model=Model(image=XGBoost("1.7-1")), models="s3://a-b/all/", capture=DataCapture(to="s3://a-b/kept/")),
    scorer(variants=[variant(f"v{number}") for number in range(9)]),
    scorer(shadow=Shadow(model=MODEL, on=SageMaker(instance="ml.c5.xlarge"))),
    scorer(preprocess=[MODEL] * 7, postprocess=[MODEL] * 7),
    scorer(model=Model(image=XGBoost("1.7"))),
    training(image=HuggingFace("4.56"), on=SageMaker(instance="ml.g5.xlarge")),
    Notebook(name="desk", instance="ml.t3.medium", volume="5GB", stop_when_idle="10m"),
    job(environment={"HF_MODEL_ID": "org/model"}),
    training(tune=SEARCH, metrics={"auc": "auc=(.*)"}),
    training(image=XGBoost("1.7-1"), tune=SEARCH),
    training(
        tune=Tuning(objective="auc", goal="Maximize", strategy="Grid", ranges={"booster": Choice(of=["a", "b"])}),
        metrics={"auc": "auc=(.*)"},
    ),
]


@pytest.mark.parametrize("workload", FINE, ids=lambda one: one.name)
def test_what_aws_takes_is_not_refused(workload: Any) -> None:
    assert refusals(workload) == []


def test_four_repositories_are_the_most() -> None:
    listed = [f"https://github.com/acme/desk-{number}" for number in range(5)]
    five = Notebook(name="desk", instance="ml.t3.medium", repositories=listed)
    assert refusals(five, stack="test") == [("AWS156", "repositories")]
    four = Notebook(name="desk", instance="ml.t3.medium", repositories=listed[:4])
    assert refusals(four, stack="test") == []


def test_not_every_type_is_sold_on_spot() -> None:
    from mlstage.catalog.instances import instance, instance_names

    unsold = next(
        name for name in instance_names() if (facts := instance(name)) and "training" in facts.uses and not facts.spot
    )
    on, spot = SageMaker(instance=unsold), Spot(checkpoint="s3://a-b/e/")
    assert ("AWS115", "purchase") in refusals(training(on=on, purchase=spot))
    assert ("AWS115", "purchase") not in refusals(training(on=on))


@pytest.mark.parametrize(
    ("workload", "path"),
    [
        (batch(input=ELSEWHERE), "input"),
        (batch(output=ELSEWHERE), "output"),
        (job(inputs={"raw": ELSEWHERE}), "inputs"),
        (job(outputs={"clean": ELSEWHERE}), "outputs"),
        (training(inputs={"train": ELSEWHERE}), "inputs"),
        (training(output=ELSEWHERE), "output"),
    ],
    ids=lambda one: one if isinstance(one, str) else one.name,
)
def test_a_bucket_that_names_another_region_is_told_of(workload: Any, path: str) -> None:
    assert ("AWS132", path) in said(workload)


def test_the_caller_of_an_asynchronous_endpoint_sets_its_time_out() -> None:
    found = problems(reader(timeout="30m"))
    assert [(one.severity, one.instead) for one in found if one.code == "AWS148"] == [
        (Severity.NOTE, "InvocationTimeoutSeconds=1800 in the caller's InvokeEndpointAsync")
    ]
    assert problems(reader()) == ()


def in_region(region: str, *workloads: Any, key: str | None = None) -> list[tuple[str, str]]:
    stages = {"prod": Stage(tier="production", key=key)}
    environment = Environment(name="fraud", owner="payments", stages=stages, workloads=list(workloads))
    file = StackFile("prod", "Pulumi.prod.yaml", region)
    resolved, wrong = resolve(environment, file)
    assert not wrong
    found = check(resolved, file.where_of_region())
    return [(one.code, one.field) for one in found if one.severity is Severity.ERROR]


def test_aws_does_not_hold_every_image_everywhere() -> None:
    endpoint = scorer(model=Model(image=XGBoost("1.7-1")))
    assert in_region("eu-central-1", endpoint) == []
    assert in_region("us-iso-east-1", scorer(model=Model(image=PyTorch("2.6")))) == [("AWS131", "model.image")]


def test_a_monitor_needs_its_image() -> None:
    endpoint = scorer(model=Model(image="registry.acme.example/f:1"), capture=captured())
    assert ("AWS131", "capture.monitor") in in_region("mx-central-1", endpoint)
    assert in_region("eu-west-1", endpoint) == []


def test_a_key_stays_in_its_region() -> None:
    key = "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d-4e5f-6789-0a1b-2c3d4e5f6789"
    endpoint = scorer(model=Model(image=XGBoost("1.7-1")))
    assert in_region("us-east-1", endpoint, key=key) == [("AWS153", "key")]
    assert in_region("eu-west-1", endpoint, key=key) == []


@pytest.mark.parametrize(
    ("node", "field"),
    [
        (Autoscale(min=1, max=2), "replicas.target"),
        (Autoscale(min=3, max=2, target=InvocationsPerInstance(6)), "replicas.max"),
    ],
)
def test_an_autoscale_must_make_sense(node: Autoscale, field: str) -> None:
    environment = Environment(name="fraud", owner="payments", workloads=[scorer(replicas=node)])
    _, wrong = resolve(environment, StackFile("prod", "Pulumi.prod.yaml", "us-east-1"))
    assert [one.field for one in wrong] == [field]


@pytest.mark.parametrize(
    ("ranges", "fields"),
    [
        ({}, ["tune.ranges"]),
        ({"a": Continuous(min=1, max=1)}, ["tune.ranges"]),
        ({"a": Whole(min=0, max=9, scale="Logarithmic")}, ["tune.ranges"]),
        ({"a": Choice(of=[])}, ["tune.ranges"]),
    ],
)
def test_a_search_needs_something_to_search(ranges: Any, fields: list[str]) -> None:
    search = Tuning(objective="auc", goal="Maximize", ranges=ranges)
    environment = Environment(name="fraud", owner="payments", workloads=[training(tune=search)])
    _, wrong = resolve(environment, StackFile("prod", "Pulumi.prod.yaml", "us-east-1"))
    assert [one.field for one in wrong] == fields


def test_variants_are_checked_like_the_rest() -> None:
    low = variant("b", replicas=Autoscale(min=5, max=2, target=InvocationsPerInstance(6)))
    environment = Environment(name="fraud", owner="payments", workloads=[scorer(variants=[low])])
    _, wrong = resolve(environment, StackFile("prod", "Pulumi.prod.yaml", "us-east-1"))
    assert [one.field for one in wrong] == ["variants.0.replicas.max"]
