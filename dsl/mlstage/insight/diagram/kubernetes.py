"""Kubernetes: clusters, Deployments with the Services before them, and jobs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from mlstage.graph import Resource
from mlstage.insight.cost.kubernetes import Room, bounds_of, room_of
from mlstage.insight.diagram import stores
from mlstage.insight.diagram.callers import asked
from mlstage.insight.diagram.model import Edge, Mark, Node
from mlstage.insight.diagram.paint import SPOT, Context, Painters, Piece, accelerator, marks, scaled_on, span
from mlstage.insight.diagram.words import duration, image_name, plural, when_cron
from mlstage.rules.truth import field
from mlstage.rules.views.pods import CRON_JOB, DEPLOYMENT, SERVICE, containers, pod, pods_of
from mlstage.rules.views.volumes import CLAIM

_CLUSTER: Final = "aws.eks.Cluster"
_ADD_ON: Final = "aws.eks.Addon"
_IDENTITY: Final = "aws.eks.PodIdentityAssociation"
_ACCOUNT: Final = "kubernetes.core.v1.ServiceAccount"
_BUDGET: Final = "kubernetes.policy.v1.PodDisruptionBudget"


def cluster(resource: Resource, context: Context) -> Iterator[Piece]:
    """Show a cluster with its add-ons as one node."""
    automatic = field(resource, "compute_config")["enabled"].value is True
    add_ons = context.naming(resource, _ADD_ON, "cluster_name")
    lines = [*(["Auto Mode"] if automatic else []), *(field(one, "addon_name").text or "" for one in add_ons)]
    name = field(resource, "name").text or resource.name
    names = tuple(one.name for one in add_ons)
    yield Node(resource.name, "machine", "EKS cluster", name, tuple(lines), (), resource.workload, names)


def deployment(resource: Resource, context: Context) -> Iterator[Piece]:
    """Show a Deployment with what scales it and keeps it up as one node."""
    bounds, room = bounds_of(resource, context.graph), room_of(resource, context.graph)
    pods = span(bounds)
    lines = [f"{pods} {'pod' if pods == '1' else 'pods'}", *_of_pods(resource, room), *scaled_on(bounds)]
    scalers = pods_of(context.graph).scalers(resource)
    beside = [one.name for one in context.graph.of(_BUDGET) if one.workload and one.workload == resource.workload]
    yield Node(
        resource.name,
        "serves",
        "Kubernetes Deployment",
        _name(resource),
        tuple(lines),
        _marks(room),
        resource.workload,
        (*(one.name for one in scalers), *beside, *_identity(resource, context)),
    )
    yield from _data(resource, context)


def service(resource: Resource, context: Context) -> Iterator[Piece]:
    """Show the Service that callers know, and whose pods it leads to."""
    spec = field(resource, "spec")
    balanced = spec["type"].text == "LoadBalancer"
    said = field(resource, "metadata")["annotations"]["service.beta.kubernetes.io/aws-load-balancer-scheme"].text
    if balanced:
        lines = ("on the internet" if said == "internet-facing" else "in the VPC only",)
    else:
        lines = ("inside the cluster only",)
    label = "Network load balancer" if balanced else "Kubernetes Service"
    yield Node(resource.name, "balancer", label, _name(resource), lines, (), resource.workload)
    wanted = spec["selector"].value
    for one in context.graph.of(DEPLOYMENT):
        labels = field(one, "spec")["template"]["metadata"]["labels"].value
        if isinstance(wanted, Mapping) and wanted and isinstance(labels, Mapping) and wanted.items() <= labels.items():
            yield Edge(resource.name, one.name, "traffic")
    yield from asked(resource.name, resource.workload, context)


def cron_job(resource: Resource, context: Context) -> Iterator[Piece]:
    """Show a job with when it starts."""
    room, spec = room_of(resource, context.graph), field(resource, "spec")
    job = spec["job_template"]["spec"]
    many, limit = job["parallelism"].number, pod(resource)["active_deadline_seconds"].number
    zone = spec["time_zone"].text
    if spec["suspend"].value is True:
        starts = "started by hand"
    else:
        starts = f"{when_cron(spec['schedule'].shown)}{f' ({zone})' if zone else ''}"
    lines = [
        starts,
        *([plural("pod", int(many))] if many and many > 1 else []),
        *_of_pods(resource, room),
        *([f"stopped after {duration(limit)}"] if limit else []),
        *_kept(resource, context),
    ]
    yield Node(
        resource.name,
        "works",
        "Kubernetes CronJob",
        _name(resource),
        tuple(lines),
        _marks(room),
        resource.workload,
        (*_identity(resource, context), *(one.name for one in _claims(resource, context))),
    )
    yield from _data(resource, context)


def _claims(resource: Resource, context: Context) -> Iterator[Resource]:
    """Find the volumes that a job's pods claim."""
    named = {one["persistent_volume_claim"]["claim_name"].text for one in pod(resource)["volumes"].items()}
    for one in context.graph.of(CLAIM):
        if one.workload == resource.workload and _name(one) in named:
            yield one


def _kept(resource: Resource, context: Context) -> Iterator[str]:
    for one in _claims(resource, context):
        if size := field(one, "spec")["resources"]["requests"]["storage"].text:
            yield f"keeps {size.removesuffix('i')}B between runs"


def _name(resource: Resource) -> str:
    return field(resource, "metadata")["name"].text or resource.name


def _of_pods(resource: Resource, room: Room | None) -> Iterator[str]:
    for container in containers(resource):
        requests = container.at["resources"]["requests"]
        if requests["cpu"].text and requests["memory"].text:
            yield f"{requests['cpu'].text} CPU, {requests['memory'].text} each"
        if image := container.at["image"].text:
            yield image_name(image)
    if room is not None:
        others = f" or {plural('other type', room.others)}" if room.others else ""
        yield f"on {room.name}{others}"


def _marks(room: Room | None) -> tuple[Mark, ...]:
    return marks(SPOT if room and room.spot else None, accelerator(room.name if room else None))


def _associations(resource: Resource, context: Context) -> Iterator[Resource]:
    """Find what ties the service account of a workload's pods to a role."""
    account = pod(resource)["service_account_name"].text
    namespace = field(resource, "metadata")["namespace"].text
    for one in context.graph.of(_IDENTITY):
        same = field(one, "service_account").text == account and field(one, "namespace").text == namespace
        if account and same:
            yield one


def _identity(resource: Resource, context: Context) -> tuple[str, ...]:
    account = pod(resource)["service_account_name"].text
    accounts = (one.name for one in context.graph.of(_ACCOUNT) if account and _name(one) == account)
    mine = (name for name in accounts if context.graph.by_name[name].workload == resource.workload)
    return (*mine, *(one.name for one in _associations(resource, context)))


def _data(resource: Resource, context: Context) -> Iterator[Piece]:
    for one in _associations(resource, context):
        yield from stores.by_policies(resource.name, field(one, "role_arn"), context)


PAINTERS: Painters = {
    _CLUSTER: cluster,
    DEPLOYMENT: deployment,
    SERVICE: service,
    CRON_JOB: cron_job,
}
