"""Who is told that a job failed: an alarm on the cluster's audit log, in which Kubernetes notes how every Job ended.

Kubernetes itself tells nobody, and no metric of Container Insights is about Jobs. The environment's own cluster sends
its audit log to CloudWatch: the job controller writes the condition `Failed` to a Job once, when the last retry is over
or its time is up. A metric filter counts those writes for the Jobs of one CronJob, started by its schedule or by hand.
https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html
https://kubernetes.io/docs/concepts/workloads/controllers/job/#terminal-job-conditions
"""

from __future__ import annotations

from typing import Final

from mlstage.graph import Ref, Resource
from mlstage.targets.alarms import Limit, Metric, alarm
from mlstage.targets.eks.cluster import CLUSTER_LOGS
from mlstage.targets.eks.naming import Cluster
from mlstage.targets.topics import topic_for

_FILTER_NAME: Final = 512  # CloudWatch Logs, PutMetricFilter: filterName
_METRIC_NAME: Final = 128  # ... MetricTransformation: metricName
_NAMESPACE: Final = "mlstage/FailedJobs"
# Where `Failed` may stand among the conditions of a Job: after `FailureTarget`, and after `Suspended`.
_PLACES: Final = range(3)
# EKS delivers its logs within minutes: one failure in any of the last fifteen rings.
_LATE: Final = Limit(1, periods=15, needed=1, reached=True)


def told(cluster: Cluster, workload: str, job: str, contact: str) -> tuple[Resource, ...]:
    """Tell a contact of each failed run of a job, by the name of its CronJob."""
    place = cluster.place
    topic = topic_for(place, contact)
    metric = Metric(_NAMESPACE, place.physical(workload, limit=_METRIC_NAME), "Sum", {})
    counted = Resource(
        place.name(workload, "failures"),
        "aws.cloudwatch.LogMetricFilter",
        {
            "name": place.physical(workload, "failures", limit=_FILTER_NAME),
            "log_group_name": Ref(cluster.shared(CLUSTER_LOGS), "name"),
            "pattern": _pattern(cluster.namespace, job),
            "metric_transformation": {"namespace": metric.namespace, "name": metric.name, "value": "1"},
        },
        workload=workload,
    )
    about = f"A run of {workload} failed: kubectl get jobs --namespace {cluster.namespace}"
    ringing = alarm(place, workload, "failed", about, metric, _LATE, actions=(topic.arn,))
    return (*topic.resources, counted, ringing)


def _pattern(namespace: str, job: str) -> str:
    """Find, in the audit log, that a Job which a CronJob made was noted as failed."""
    failed = " || ".join(f'($.requestObject.status.conditions[{place}].type = "Failed")' for place in _PLACES)
    wanted = (
        '($.objectRef.resource = "jobs")',
        '($.objectRef.subresource = "status")',
        f'($.objectRef.namespace = "{namespace}")',
        "($.responseStatus.code = 200)",
        f'($.requestObject.metadata.ownerReferences[0].name = "{job}")',
        f"({failed})",
    )
    return f"{{ {' && '.join(wanted)} }}"
