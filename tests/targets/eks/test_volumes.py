"""Checkpoints on a volume: made where the first pod is, found again by the next one, encrypted, kept in production."""

from __future__ import annotations

import pytest

from mlstage import Batch, Ecs, Eks, Environment, SageMaker, Spot, Stage, Training, Volume
from mlstage.graph import Resource, Value
from mlstage.resolve import StackFile
from mlstage.resolve.resolve import resolve
from mlstage.spec.targets import Target
from mlstage.targets.checkpoints import checkpoint_of
from tests.targets.eks.workloads import SMALL, batch, items, on_volume, pod, processing, training
from tests.targets.support import graph, inside, only, problems, refusals, statements

CLAIM = "kubernetes.core.v1.PersistentVolumeClaim"
CLASS = "kubernetes.storage.v1.StorageClass"
CRON_JOB = "kubernetes.batch.v1.CronJob"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1f2e3d4c-0000-4000-8000-000000000000"
THERE = Eks(cluster="ml-platform", cpu=2, memory="4GB")


def _kind(resource: Resource) -> Value:
    return {key: value for key, value in resource.props.items() if key != "metadata"}


def test_a_volume_is_made_by_auto_mode_in_the_zone_of_the_first_pod_and_encrypted() -> None:
    assert _kind(only(graph(on_volume()), CLASS)) == {
        "provisioner": "ebs.csi.eks.amazonaws.com",
        "parameters": {"type": "gp3", "encrypted": "true", "csi.storage.k8s.io/fstype": "xfs"},
        "volume_binding_mode": "WaitForFirstConsumer",
        "reclaim_policy": "Retain",
        "allow_volume_expansion": True,
        "allowed_topologies": (
            {"match_label_expressions": ({"key": "eks.amazonaws.com/compute-type", "values": ("auto",)},)},
        ),
    }


def test_it_goes_with_its_claim_in_test_and_stays_in_production() -> None:
    kept = {stack: only(graph(on_volume(), stack=stack), CLASS).props["reclaim_policy"] for stack in ("test", "prod")}
    assert kept == {"test": "Delete", "prod": "Retain"}


def test_a_cluster_of_a_test_lives_on_until_the_volumes_of_its_claims_are_deleted() -> None:
    """The engine takes things down in the other order: the claim, its class, then add-ons, then the cluster."""
    found = graph(on_volume(), stack="test")
    assert only(found, CLASS).name in only(found, CLAIM).depends_on
    assert only(found, CLASS).depends_on == ("fraud-metrics-add-on", "fraud-logs-add-on")


def test_a_job_claims_a_volume_of_the_size_that_its_spec_says() -> None:
    found = graph(on_volume())
    claim = only(found, CLAIM)
    assert inside(claim.props, "metadata", "name") == "nightly"
    assert claim.props["spec"] == {
        "access_modes": ("ReadWriteOnce",),
        "storage_class_name": "fraud-prod-checkpoints",
        "resources": {"requests": {"storage": "100Gi"}},
    }
    assert inside(only(found, CLASS).props, "metadata", "name") == "fraud-prod-checkpoints"
    assert "fraud-checkpoint-volumes" in claim.depends_on
    assert claim.name in only(found, CRON_JOB).depends_on


def test_no_deployment_waits_for_a_claim_that_waits_for_its_first_pod() -> None:
    annotations = inside(only(graph(on_volume()), CLAIM).props, "metadata", "annotations")
    assert annotations == {"pulumi.com/skipAwait": "true"}


def test_a_pod_finds_it_where_it_is_told_and_may_write_there_as_any_user() -> None:
    found = pod(only(graph(on_volume(SMALL)), CRON_JOB))
    assert {"name": "checkpoints", "persistent_volume_claim": {"claim_name": "nightly"}} in items(found, "volumes")
    mounts = items(found, "containers", 0, "volume_mounts")
    assert {"name": "checkpoints", "mount_path": "/opt/ml/checkpoints"} in mounts
    variables = items(found, "containers", 0, "env")
    assert {"name": "MLSTAGE_CHECKPOINT", "value": "/opt/ml/checkpoints"} in variables
    context = inside(found, "security_context")
    assert context == {
        "seccomp_profile": {"type": "RuntimeDefault"},
        "fs_group": 1000,
        "fs_group_change_policy": "OnRootMismatch",
    }


def test_a_job_without_a_volume_has_neither_claim_nor_group() -> None:
    found = graph(training(purchase=Spot(checkpoint="s3://acme-checkpoints/fraud/")))
    assert [one.name for one in found.resources if one.type in (CLAIM, CLASS)] == []
    assert inside(pod(only(found, CRON_JOB)), "security_context") == {"seccomp_profile": {"type": "RuntimeDefault"}}


def test_a_pod_with_a_volume_needs_no_right_to_a_prefix() -> None:
    assert "CheckpointKeep" not in statements(graph(on_volume()), "fraud-nightly-pod-role-policy")


def test_the_stages_own_key_encrypts_it_and_the_cluster_may_use_that_key() -> None:
    found = graph(on_volume(), stage=Stage(tier="production", key=KEY))
    assert inside(only(found, CLASS).props, "parameters", "kmsKeyId") == KEY
    may = statements(found, "fraud-cluster-role-policy")
    assert may["LendKeyToVolumes"]["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    assert may["EncryptVolumes"]["Resource"] == (KEY,)
    without = statements(graph(on_volume()), "fraud-cluster-role-policy")
    assert sorted(without) == ["EncryptSecrets"], "the account's own key for EBS needs no right"


def test_in_a_cluster_that_is_there_somebody_else_lets_it_use_the_key() -> None:
    stage = Stage(tier="production", key=KEY)
    found = problems(on_volume(THERE), stage=stage)
    assert [(one.code, one.field) for one in found] == [("AWS249", "purchase.checkpoint")]
    assert problems(on_volume(THERE)) == ()


def test_jobs_of_one_cluster_share_the_kind_and_not_the_volume() -> None:
    spot = Spot(checkpoint=Volume("20GB"))
    found = graph(on_volume(SMALL), processing(purchase=spot), batch(THERE, purchase=spot))
    claims = {one.workload: inside(one.props, "spec", "storage_class_name") for one in found.of(CLAIM)}
    assert claims == dict.fromkeys(("nightly", "clean", "rescore"), "fraud-prod-checkpoints")
    assert {one.options.provider for one in found.of(CLASS)} == {"fraud-kubernetes", "fraud-ml-platform-kubernetes"}


def test_a_renamed_job_keeps_its_volume() -> None:
    found = graph(on_volume(name="weekly", formerly="nightly"))
    assert inside(only(found, CLAIM).props, "metadata", "name") == "nightly"


@pytest.mark.parametrize(
    "on", [SageMaker(instance="ml.m5.large"), Ecs(cpu=2, memory="4GB"), Batch(cpu=2, memory="4GB")]
)
def test_other_targets_keep_no_volume(on: Target) -> None:
    job = Training(
        name="nightly",
        image="123456789012.dkr.ecr.us-east-1.amazonaws.com/train:1",
        inputs={"train": "s3://acme-data/train/"},
        output="s3://acme-models/fraud/",
        on=on,
        purchase=Spot(checkpoint=Volume("100GB")),
    )
    assert refusals(job) == [("AWS247", "purchase.checkpoint")]


@pytest.mark.parametrize(
    ("on", "policy"),
    [
        (SMALL, "pod-role-policy"),
        (Ecs(cpu=2, memory="4GB"), "task-role-policy"),
        (Batch(cpu=2, memory="4GB"), "job-role-policy"),
    ],
)
def test_every_kind_of_job_may_keep_its_checkpoints_in_s3(on: Target, policy: str) -> None:
    spot = Spot(checkpoint="s3://acme-checkpoints/fraud/")
    found = graph(processing(on, purchase=spot), batch(on, purchase=spot), training(on, purchase=spot))  # type: ignore[arg-type]
    for workload in ("clean", "rescore", "nightly"):
        may = statements(found, f"fraud-{workload}-{policy}")["CheckpointKeep"]
        assert may["Resource"] == ("arn:aws:s3:::acme-checkpoints/fraud/*",), workload
    told = [one.name for one in found.resources if "s3://acme-checkpoints/fraud/" in str(one.props)]
    assert {name.split("-")[1] for name in told} == {"clean", "rescore", "nightly"}, told


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ({"checkpoint": "300GB"}, Volume("300GB")),
        ({"checkpoint": {"size": "300GB"}}, Volume("300GB")),
        ({"spot": {"checkpoint": {"volume": "300GB"}}}, Volume("300GB")),
        ({"checkpoint": "s3://acme-checkpoints/fraud/"}, "s3://acme-checkpoints/fraud/"),
    ],
)
def test_a_stacks_file_may_put_checkpoints_on_another_volume_or_into_s3(
    written: dict[str, object], wanted: Volume | str
) -> None:
    environment = Environment(name="fraud", owner="payments", workloads=[on_volume()])
    file = StackFile("prod", "Pulumi.prod.yaml", "us-east-1", {"nightly": {"purchase": written}})
    found, wrong = resolve(environment, file)
    assert not wrong
    assert checkpoint_of(found.workloads[0].workload) == wanted
