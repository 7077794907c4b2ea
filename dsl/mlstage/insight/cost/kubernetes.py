"""Kubernetes on EKS: the machines that pods need where their pool says which, load balancers, and what is not known.

A pod without a pool of its own lands on a machine that Auto Mode chooses when it waits: its share of one has no price
that could be told before. For every machine Auto Mode takes a fee on top, of which no price is known either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Final

from mlstage.catalog.instances import Instance, instance
from mlstage.graph import Graph, Resource, Value
from mlstage.insight.calendar import HOURS_A_MONTH, ScheduleError, runs_per_month
from mlstage.insight.cost import machines
from mlstage.insight.cost.model import Amount, Line, in_words
from mlstage.insight.cost.pricing import Context, Pricers, at_price, number, prop, unpriced, usage
from mlstage.insight.cost.scaling import Bounds
from mlstage.insight.cost.work import HOW_OFTEN, hours_each, limit_of
from mlstage.insight.facts import runs_of, traffic_of
from mlstage.insight.simulation import Scaling, Service, lanes
from mlstage.rules.truth import Field
from mlstage.rules.views.once import once
from mlstage.rules.views.pods import CRON_JOB, DEPLOYMENT, SERVICE, containers, pod, pods_of
from mlstage.rules.views.volumes import CLAIM, volumes_of

POOL: Final = "kubernetes.karpenter.v1.NodePool"
NODES: Final = "kubernetes.eks.v1.NodeClass"
_TYPES: Final = "node.kubernetes.io/instance-type"
_CAPACITY: Final = "karpenter.sh/capacity-type"
_DISK_GB: Final = 80.0  # of Auto Mode's own class of nodes
_CHOSEN: Final = "which machines Auto Mode starts for them is decided when they wait"
_OBSERVER: Final = "amazon-cloudwatch-observability"


@dataclass(frozen=True, slots=True)
class Room:
    """The machines that pods run on: their pool, first type, how they are bought, and the disk of each."""

    pool: str
    name: str
    others: int
    spot: bool
    disk_gb: float

    @property
    def machine(self) -> Instance | None:
        """What the catalogue knows of the type."""
        return instance(self.name)

    @property
    def words(self) -> str:
        """What a line says beside the count."""
        return f"the first of {self.others + 1} types that it may use" if self.others else ""


def deployment(resource: Resource, context: Context) -> Iterator[Line]:
    """Price the machines of a service's pods, between the bounds of its autoscaler."""
    room = room_of(resource, context.graph)
    if room is None:
        yield unpriced(resource, f"pods of {_size(resource)}", _CHOSEN)
        return
    pods, note, assumed = _pods(resource, context)
    fits = _fit(resource, room)
    counts = Amount(ceil(pods.low / fits), ceil(pods.expected / fits) if fits > 1 else pods.expected, pods.high / fits)
    counts = Amount(counts.low, max(counts.low, counts.expected), float(ceil(counts.high)))
    words = in_words(note, room.words)
    yield from _machines(resource, room, counts, words, context, assumed=assumed)


def cron_job(resource: Resource, context: Context) -> Iterator[Line]:
    """Price the machines of a job's pods for as long as it is expected to run."""
    room = room_of(resource, context.graph)
    if room is None:
        yield unpriced(resource, f"pods of {_size(resource)}", f"{_CHOSEN}, and paid while the job runs")
        return
    said, runs = runs_of(context.graph, resource.workload), firings(resource, context.graph)
    spec = prop(resource, "spec")["job_template"]["spec"]
    many = float(ceil((number(spec["parallelism"]) or 1.0) / _fit(resource, room)))
    longest = number(spec["template"]["spec"]["active_deadline_seconds"])
    hours, note, assumed = hours_each(said, limit_of(context.graph, resource.workload, longest))
    if hours is None or runs is None:
        words = HOW_OFTEN if runs is None else note
        yield from machines.job_hours(resource, room.name, None, many, context, spot=room.spot, note=words)
        return
    total = hours * (many * runs)
    words = f"{runs:.4g} runs a month; {note}"
    yield from machines.job_hours(
        resource, room.name, total, many, context, spot=room.spot, note=words, assumed=assumed
    )
    yield _disk_of_nodes(room, total * (1 / HOURS_A_MONTH), resource, context, assumed=assumed)


def _machines(
    resource: Resource, room: Room, counts: Amount, note: str, context: Context, *, assumed: bool = False
) -> Iterator[Line]:
    yield from machines.hours(resource, room.name, counts, context, spot=room.spot, note=note, assumed=assumed)
    yield _disk_of_nodes(room, counts, resource, context, assumed=assumed)


def _disk_of_nodes(room: Room, counts: Amount, resource: Resource, context: Context, *, assumed: bool) -> Line:
    price = context.book.price("AmazonEC2", "ebs-gp3", "Storage")
    return at_price(resource, f"{room.disk_gb:g} GB disk of each node", counts * room.disk_gb, price, assumed=assumed)


def _pods(resource: Resource, context: Context) -> tuple[Amount, str, bool]:
    traffic = traffic_of(context.graph, resource.workload)
    seconds = traffic.duration_ms / 1000 if traffic and traffic.duration_ms else None
    return bounds_of(resource, context.graph).amount(traffic, Service(seconds, lanes_of_pod(resource)))


def lanes_of_pod(resource: Resource) -> int:
    """Say how many requests a pod works on at once."""
    devices = sum(number(asked) or 0.0 for one in containers(resource) for asked in one.accelerators())
    return lanes(sum(_vcpus(one.at["resources"]["requests"]["cpu"].text) for one in containers(resource)), devices)


def bounds_of(resource: Resource, graph: Graph) -> Bounds:
    """Say between how many and how many pods a Deployment has."""
    count = number(prop(resource, "spec")["replicas"])
    scalers = pods_of(graph).scalers(resource)
    if not scalers:
        alone = 1.0 if count is None else count
        return Bounds(alone, alone)
    spec = prop(scalers[0], "spec")
    low, high = number(spec["min_replicas"]) or 1.0, number(spec["max_replicas"]) or 1.0
    return Bounds(low, high, _scaling(spec, int(low), int(high)))


def _scaling(spec: Field, low: int, high: int) -> Scaling:
    """Read what an autoscaler follows, as far as a day of it can be simulated."""
    behavior = spec["behavior"]
    for metric in spec["metrics"].items():
        wanted = metric["resource"]["target"]["average_utilization"].number
        if wanted is not None:
            out = number(behavior["scale_up"]["stabilization_window_seconds"]) or 0.0
            back = number(behavior["scale_down"]["stabilization_window_seconds"]) or 300.0
            return Scaling(low, high, "utilisation", float(wanted), out, back)
    return Scaling(low, high)


def room_of(resource: Resource, graph: Graph) -> Room | None:
    """Find the pool whose label the pods of a workload ask for, if it says which machines it has."""
    selector = pod(resource)["node_selector"].value
    if not isinstance(selector, Mapping) or not selector:
        return None
    for pool in _labelled(graph).get(_text(next(iter(selector.items()))), []):
        template = prop(pool, "spec")["template"]
        labels = template["metadata"]["labels"].value
        if not isinstance(labels, Mapping) or not selector.items() <= labels.items():
            continue
        requirements = {one["key"].text: one["values"] for one in template["spec"]["requirements"].items()}
        types = [name for one in requirements[_TYPES].items() if (name := one.text)] if _TYPES in requirements else []
        if types:
            capacity = requirements.get(_CAPACITY)
            spot = capacity is not None and "spot" in [one.text for one in capacity.items()]
            return Room(
                pool.name, types[0], len(types) - 1, spot, _disk(template["spec"]["nodeClassRef"]["name"].text, graph)
            )
    return None


@once
def _labelled(graph: Graph) -> dict[tuple[str, str], list[Resource]]:
    """Give the pools by each label, and its value, that their machines have."""
    found: dict[tuple[str, str], list[Resource]] = {}
    for pool in graph.of(POOL):
        labels = prop(pool, "spec")["template"]["metadata"]["labels"].value
        for label in labels.items() if isinstance(labels, Mapping) else ():
            found.setdefault(_text(label), []).append(pool)
    return found


def _text(label: tuple[str, Value]) -> tuple[str, str]:
    return label[0], str(label[1])


def _disk(name: str | None, graph: Graph) -> float:
    return _disks(graph).get(name or "", _DISK_GB)


@once
def _disks(graph: Graph) -> dict[str, float]:
    """Give the size of the disk of each class of nodes that says it."""
    found: dict[str, float] = {}
    for nodes in graph.of(NODES):
        size = prop(nodes, "spec")["ephemeralStorage"]["size"].text or ""
        if match := re.fullmatch(r"(\d+)Gi", size):
            found[prop(nodes, "metadata")["name"].text or ""] = float(match[1])
    return found


def _fit(resource: Resource, room: Room) -> int:
    """Say how many pods fit on a machine, by CPU and accelerators."""
    machine = room.machine
    if machine is None:
        return 1
    fits = []
    for container in containers(resource):
        for asked in container.accelerators():
            if (wanted := number(asked)) and machine.accelerator:
                fits.append(int(machine.accelerator.count // wanted))
    cpu = sum(_vcpus(one.at["resources"]["requests"]["cpu"].text) for one in containers(resource))
    fits += [int(machine.vcpu // cpu)] if cpu else []
    return max(1, min(fits, default=1))


def _vcpus(text: str | None) -> float:
    """Read Kubernetes' `500m` or `2` as vCPUs."""
    if not text:
        return 0.0
    try:
        return float(text.removesuffix("m")) / 1000 if text.endswith("m") else float(text)
    except ValueError:
        return 0.0


def _size(resource: Resource) -> str:
    """Say what the first container of a pod asks for."""
    for container in containers(resource):
        requests = container.at["resources"]["requests"]
        if cpu := requests["cpu"].text:
            return f"{_vcpus(cpu):g} vCPU and {requests['memory'].text}"
    return "an unknown size"


def firings(resource: Resource, graph: Graph) -> float | None:
    """Say how often a month a CronJob fires; one that is suspended as often as its author expects."""
    spec = prop(resource, "spec")
    said = runs_of(graph, resource.workload)
    if spec["suspend"].value is True:
        return None if said is None else said.per_month
    fields = (spec["schedule"].text or "").split()
    if len(fields) != 5:
        return None
    minute, hour, day, month, weekday = fields
    if day != "*" and weekday != "*":
        return None  # both days count then, which EventBridge's form cannot say
    # AWS counts the days of the week from 1; what follows a stroke is a step and no day.
    days = re.sub(r"(?<![/\d])\d+", lambda found: str(int(found[0]) % 7 + 1), weekday)
    aws = f"cron({minute} {hour} {day if weekday == '*' else '?'} {month} {'?' if weekday == '*' else days} *)"
    try:
        return runs_per_month(aws)
    except ScheduleError:
        return None


def service(resource: Resource, context: Context) -> Iterator[Line]:
    """Price the network load balancer that a Service asks for."""
    if prop(resource, "spec")["type"].text != "LoadBalancer":
        return
    price = context.book.price("AWSELB", "network", "Hours")
    yield at_price(resource, "network load balancer", Amount.exactly(HOURS_A_MONTH), price)
    yield usage(resource, "load balancer capacity units", context.book.price("AWSELB", "network", "LCU"))


def add_on(resource: Resource, _context: Context) -> Iterator[Line]:
    """Name what the CloudWatch add-on sends, which is paid by what it is."""
    if prop(resource, "addon_name").text == _OBSERVER:
        yield unpriced(resource, "metrics of Container Insights", "paid by how many nodes and pods report")


def claim(resource: Resource, context: Context) -> Iterator[Line]:
    """Price the volume that a claim asks for, from the first pod that wants it until it is deleted.

    What beyond the 3,000 IOPS and 125 MB/s of gp3 its class buys is not looked at: mlstage buys none.
    """
    spec = prop(resource, "spec")
    asked = spec["resources"]["requests"]["storage"].text or ""
    kind = volumes_of(context.graph).kind_of(resource)
    size = re.fullmatch(r"(\d+)Gi", asked)
    if kind is None or size is None:
        yield unpriced(resource, f"volume of {asked or 'an unknown size'}", "its StorageClass is not in this stack")
        return
    price = context.book.price("AmazonEC2", f"ebs-{kind}", "Storage")
    yield at_price(resource, f"{size[1]} GB volume, from its first pod on", Amount.exactly(float(size[1])), price)


def existing(resource: Resource, _context: Context) -> Iterator[Line]:
    """Name what a cluster that is there adds to the machines that this stack starts in it."""
    yield unpriced(resource, "fee of Auto Mode", "on top of each machine; no price of it is known")


PRICERS: Pricers = {
    DEPLOYMENT: deployment,
    CRON_JOB: cron_job,
    SERVICE: service,
    "aws.eks.Addon": add_on,
    CLAIM: claim,
    "aws.eks.get_cluster": existing,
}
