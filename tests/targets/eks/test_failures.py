"""Who is told that a job failed, and that the metric for it is really there."""

from __future__ import annotations

import json
import re

import pytest

from mlstage.graph import Ref
from tests.targets.eks.workloads import batch, processing, training
from tests.targets.support import graph, inside, only

FILTER = "aws.cloudwatch.LogMetricFilter"
CONTACT = "ml@acme.example"


def test_the_filter_reads_the_log_that_the_cluster_writes() -> None:
    found = graph(training(on_failure=CONTACT))
    group = only(found, FILTER).props["log_group_name"]
    assert group == Ref("fraud-cluster-logs", "name")
    assert found.by_name["fraud-cluster-logs"].props["name"] == "/aws/eks/fraud-prod/cluster"
    cluster = only(found, "aws.eks.Cluster").props
    assert cluster["name"] == "fraud-prod"
    assert "audit" in cluster["enabled_cluster_log_types"]  # type: ignore[operator]


def test_the_alarm_follows_the_metric_that_the_filter_publishes_and_tells_the_contact() -> None:
    found = graph(training(on_failure=CONTACT))
    published = only(found, FILTER).props["metric_transformation"]
    alarm = found.by_name["fraud-nightly-failed-alarm"].props
    assert (alarm["namespace"], alarm["metric_name"]) == (inside(published, "namespace"), inside(published, "name"))
    assert "dimensions" not in alarm, "a filter without dimensions publishes none"
    assert alarm["alarm_actions"] == (Ref("fraud-to-ml-acme-example", "arn"),)
    assert (alarm["threshold"], alarm["comparison_operator"]) == (1, "GreaterThanOrEqualToThreshold")
    assert (alarm["evaluation_periods"], alarm["datapoints_to_alarm"]) == (15, 1)
    assert alarm["treat_missing_data"] == "notBreaching"


def test_each_job_has_a_metric_of_its_own() -> None:
    jobs = (training(on_failure=CONTACT), batch(on_failure=CONTACT), processing(on_failure=CONTACT))
    names = {one.workload: inside(one.props, "metric_transformation", "name") for one in graph(*jobs).of(FILTER)}
    assert names == {
        "nightly": "fraud-prod-nightly",
        "rescore": "fraud-prod-rescore",
        "clean": "fraud-prod-clean",
    }


def test_without_a_contact_nothing_counts() -> None:
    assert graph(training()).of(FILTER) == ()


# What Kubernetes writes: the update of a Job's status by the job controller, as its audit log has it.
def _entry(conditions: list[str], owner: str = "nightly", namespace: str = "fraud-prod", code: int = 200) -> str:
    return json.dumps(
        {
            "kind": "Event",
            "level": "RequestResponse",
            "verb": "update",
            "user": {"username": "system:serviceaccount:kube-system:job-controller"},
            "objectRef": {"resource": "jobs", "namespace": namespace, "name": "nightly-29", "subresource": "status"},
            "responseStatus": {"code": code},
            "requestObject": {
                "metadata": {"name": "nightly-29", "ownerReferences": [{"kind": "CronJob", "name": owner}]},
                "status": {"conditions": [{"type": one, "status": "True"} for one in conditions]},
            },
        }
    )


@pytest.mark.parametrize(
    ("entry", "counted"),
    [
        (_entry(["Failed"]), True),
        (_entry(["FailureTarget", "Failed"]), True),
        (_entry(["Suspended", "FailureTarget", "Failed"]), True),
        (_entry(["FailureTarget"]), False),
        (_entry(["SuccessCriteriaMet", "Complete"]), False),
        (_entry([]), False),
        (_entry(["Failed"], owner="other"), False),
        (_entry(["Failed"], namespace="fraud-test"), False),
        (_entry(["Failed"], code=409), False),
    ],
    ids=["failed", "since 1.31", "resumed", "failing", "complete", "running", "other job", "other stack", "conflict"],
)
def test_a_failed_job_is_counted_once_and_nothing_else_is(entry: str, counted: bool) -> None:
    pattern = only(graph(training(on_failure=CONTACT)), FILTER).props["pattern"]
    assert isinstance(pattern, str)
    assert len(pattern) <= 1024, "CloudWatch Logs, PutMetricFilter: filterPattern"
    assert _matches(pattern, json.loads(entry)) is counted


def _matches(pattern: str, entry: object) -> bool:
    """Put an entry to a pattern as CloudWatch does: equalities, joined by && and ||, a missing field equals nothing."""
    text = re.sub(
        r"\$\.([\w.\[\]]+) = (\"[^\"]*\"|\d+)",
        lambda found: str(_at(entry, found[1]) == json.loads(found[2])),
        pattern.strip()[1:-1],
    )
    assert re.fullmatch(r"[()\s|&]*((True|False)[()\s|&]*)+", text), text
    return bool(eval(text.replace("&&", " and ").replace("||", " or ")))


def _at(value: object, path: str) -> object:
    for part in re.findall(r"\w+", path):
        if isinstance(value, list):
            value = value[int(part)] if int(part) < len(value) else None
        else:
            value = value.get(part) if isinstance(value, dict) else None
    return value
