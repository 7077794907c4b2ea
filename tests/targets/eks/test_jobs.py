"""What jobs on EKS become."""

from __future__ import annotations

from mlstage import Eks
from mlstage.graph import Value
from tests.targets.eks.workloads import GPU, batch, items, job, keys, on_spot, pod, processing, training
from tests.targets.support import graph, inside, only, statements

CRON_JOB = "kubernetes.batch.v1.CronJob"


def _variables(value: Value) -> dict[str, Value]:
    listed = inside(value, "containers", 0, "env")
    assert isinstance(listed, tuple)
    return {str(inside(one, "name")): one for one in listed}


def test_a_schedule_of_aws_is_kept_in_utc() -> None:
    cron = only(graph(training(schedule="cron(30 2 ? * 2-6 *)")), CRON_JOB).props["spec"]
    assert inside(cron, "schedule") == "30 2 * * 1-5"
    assert inside(cron, "time_zone") == "Etc/UTC"
    assert inside(cron, "suspend") is False
    assert inside(cron, "concurrency_policy") == "Forbid"


def test_without_a_schedule_people_start_it_and_nothing_else_does() -> None:
    made = only(graph(training()), CRON_JOB)
    assert inside(made.props["spec"], "suspend") is True
    assert "kubectl create job RUN --from=cronjob/nightly" in made.options.comment


def test_a_pod_that_was_taken_away_is_started_again_and_one_that_failed_is_not() -> None:
    spec = job(only(graph(on_spot()), CRON_JOB))
    assert inside(spec, "backoff_limit") == 4
    taken, own = items(spec, "pod_failure_policy", "rules")
    assert taken == {"action": "Count", "on_pod_conditions": ({"type": "DisruptionTarget", "status": "True"},)}
    assert own["action"] == "FailJob"
    assert own["on_exit_codes"] == {"container_name": "nightly", "operator": "NotIn", "values": (0,)}
    assert inside(spec, "template", "spec", "containers", 0, "name") == "nightly", "as the rule names it"
    assert inside(spec, "template", "spec", "restart_policy") == "Never", "as the rules need it"


def test_each_run_ends_in_time_and_all_of_them_together() -> None:
    spec = job(only(graph(on_spot()), CRON_JOB))
    assert inside(spec, "template", "spec", "active_deadline_seconds") == 2 * 3600
    assert inside(spec, "active_deadline_seconds") == 5 * 2 * 3600


def test_spot_is_taken_while_there_is_any_and_the_checkpoint_is_kept() -> None:
    found = graph(on_spot())
    pool = only(found, "kubernetes.karpenter.v1.NodePool").props["spec"]
    wanted = {"key": "karpenter.sh/capacity-type", "operator": "In", "values": ("spot", "on-demand")}
    assert wanted in items(pool, "template", "spec", "requirements")
    checkpoint = _variables(pod(only(found, CRON_JOB)))["MLSTAGE_CHECKPOINT"]
    assert inside(checkpoint, "value") == "s3://acme-checkpoints/fraud/"
    assert "CheckpointKeep" in statements(found, "fraud-nightly-pod-role-policy")


def test_nodes_are_not_exchanged_under_a_running_job() -> None:
    metadata = inside(job(only(graph(on_spot()), CRON_JOB)), "template", "metadata")
    assert inside(metadata, "annotations") == {"karpenter.sh/do-not-disrupt": "true"}


def test_data_loaders_of_a_training_share_memory() -> None:
    spec = pod(only(graph(training(GPU)), CRON_JOB))
    (volume,) = items(spec, "volumes")
    assert volume["empty_dir"] == {"medium": "Memory", "size_limit": f"{int(16384 * 0.75 * 0.5)}Mi"}
    assert inside(spec, "containers", 0, "volume_mounts") == ({"name": "shared-memory", "mount_path": "/dev/shm"},)


def test_pods_of_a_batch_share_its_work_by_number() -> None:
    made = only(graph(batch(replicas=4)), CRON_JOB)
    spec = job(made)
    assert (inside(spec, "completion_mode"), inside(spec, "completions"), inside(spec, "parallelism")) == (
        "Indexed",
        4,
        4,
    )
    told = _variables(pod(made))
    number = inside(told["MLSTAGE_SHARD"], "value_from", "field_ref", "field_path")
    assert number == "metadata.annotations['batch.kubernetes.io/job-completion-index']"
    assert inside(told["MLSTAGE_SHARDS"], "value") == "4"
    assert inside(told["MLSTAGE_INPUT"], "value") == "s3://acme-data/in/"
    assert "completions" not in keys(job(only(graph(batch()), CRON_JOB)))


def test_an_entry_point_is_kubernetes_command_and_its_arguments_are_args() -> None:
    container = inside(
        pod(only(graph(processing(command=["python"], arguments=["clean.py"])), CRON_JOB)), "containers", 0
    )
    assert inside(container, "command") == ("python",)
    assert inside(container, "args") == ("clean.py",)
    container = inside(pod(only(graph(batch(Eks(cpu=1, memory="2GB", command=["run"]))), CRON_JOB)), "containers", 0)
    assert inside(container, "args") == ("run",), "the image's entry point stays, as on ECS"
