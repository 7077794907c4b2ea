"""What watches a service: an alarm when fewer pods run than there should be.

The figure comes from Container Insights, which the environment's own cluster sends; whether a cluster of somebody
else's does is not known, so nothing there is watched.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-EKS.html
"""

from __future__ import annotations

from collections.abc import Iterator

from mlstage.diagnostics import Diagnostic, Severity
from mlstage.graph import Resource
from mlstage.spec.per_stage import known
from mlstage.spec.targets import Eks
from mlstage.spec.workloads import RealtimeEndpoint
from mlstage.targets.alarms import Limit, Metric, alarm
from mlstage.targets.base import Blame
from mlstage.targets.eks.naming import Cluster, object_name


def check(blame: Blame, on: Eks) -> Iterator[Diagnostic]:
    """Say that nothing watches a service, where the author asked for it."""
    if blame.place.watch is not None and (name := known(on.cluster)) is not None:
        what = (
            f"whether {name} sends metrics to CloudWatch is not known here, so `watch` makes no alarm for this service"
        )
        instead = "an alarm of your own, or a cluster of the environment's own, which does send them"
        yield blame("AWS246", "on.cluster", what, instead, severity=Severity.NOTE)


def of_service(cluster: Cluster, spec: RealtimeEndpoint, least: int) -> tuple[Resource, ...]:
    """Watch that as many pods run as there should be: in production, and wherever somebody is to be told."""
    place = cluster.place
    if cluster.existing or not (place.production or place.watch):
        return ()
    of = {
        "ClusterName": cluster.name,
        "Namespace": cluster.namespace,
        "Service": object_name(spec.formerly or spec.name),
    }
    return (
        alarm(
            place,
            spec.name,
            "few-pods",
            f"Fewer than {least} pods of {spec.name} run",
            Metric("ContainerInsights", "service_number_of_running_pods", "Minimum", of),
            Limit(least, above=False),
            # Where no pod is left, there is nothing that would report a zero.
            missing="breaching",
        ),
    )
