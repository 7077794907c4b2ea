"""ECS: tasks on Fargate, tasks on machines of the stack's own, and the machines that follow the tasks."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import Final

from mlstage.catalog.instances import Instance, instance
from mlstage.graph import Graph, Resource
from mlstage.insight.calendar import HOURS_A_MONTH
from mlstage.insight.cost import machines
from mlstage.insight.cost.model import Amount, Line, in_words
from mlstage.insight.cost.pricing import (
    Context,
    Pricers,
    at_price,
    count_words,
    counted,
    no_price,
    number,
    of_workload,
    priced,
    prop,
    unpriced,
    usage,
)
from mlstage.insight.cost.savings import savings_rate
from mlstage.insight.cost.work import HOW_OFTEN, work_of
from mlstage.insight.facts import traffic_of
from mlstage.insight.simulation import Service as Serving
from mlstage.insight.simulation import lanes
from mlstage.rules.views.documents import document
from mlstage.rules.views.links import Pointers, follow
from mlstage.rules.views.once import once
from mlstage.rules.views.services import Capacity, Service, strategies

SERVICE: Final = "aws.ecs.Service"
TASK: Final = "aws.ecs.TaskDefinition"
PROVIDER: Final = "aws.ecs.CapacityProvider"
GROUP: Final = "aws.autoscaling.Group"
_FARGATE: Final = ("FARGATE", "FARGATE_SPOT")
_DIMENSION: Final = "ecs:service:DesiredCount"
_DISK_INCLUDED: Final = 20.0  # GB of a Fargate task


def service(resource: Resource, context: Context) -> Iterator[Line]:
    """Price a service's tasks on Fargate; on machines of this graph, those are priced with their group."""
    task = task_of(resource, context)
    chosen = _providers(resource, context)
    if not chosen and prop(resource, "launch_type").value is None and task is not None and _only_fargate(task):
        chosen = {"FARGATE"}
    if not chosen & set(_FARGATE):
        if chosen != {"EXTERNAL"} and not _on_own_machines(context):
            yield unpriced(resource, "tasks", "which machines run them is not in this graph")
        return
    if task is None:
        yield unpriced(resource, "tasks on Fargate", "its task definition is not in this graph")
        return
    if counted(prop(resource, "desired_count"), 1.0) is None and not context.scaling.all_of(resource):
        yield unpriced(resource, "tasks on Fargate", "how many there are is not known before it is applied")
        return
    tasks, note, assumed = _tasks(resource, context)
    if "FARGATE_SPOT" in chosen:
        note = in_words(note, machines.SPOT_UNKNOWN)
    yield from _fargate(resource, task, tasks * HOURS_A_MONTH, f"{count_words(tasks)} tasks", note, assumed, context)
    if prop(resource, "network_configuration")["assign_public_ip"].value is True:
        price = context.book.price("AmazonVPC", "public-ipv4", "InUse")
        yield at_price(resource, "public IPv4 address of each task", tasks * HOURS_A_MONTH, price, assumed=assumed)


def task_definition(resource: Resource, context: Context) -> Iterator[Line]:
    """Price a task that no service runs: a job, as long as it is expected to take."""
    starts = context.starts.naming(resource)
    if _services(context.graph).to(resource) or not (
        _only_fargate(resource) or any(start.capacity & set(_FARGATE) for start in starts)
    ):
        return
    work = work_of(resource, context)
    if isinstance(work, str):
        # Of its hours nobody has said anything: what one of them costs is what can be told.
        yield from _fargate(resource, resource, None, "task", work, False, context)
        return
    note = work.note
    if any("FARGATE_SPOT" in start.capacity for start in starts):
        note = in_words(note, machines.SPOT_UNKNOWN)
    words = f"{work.parts:g} tasks" if work.parts > 1 else "task"
    yield from _fargate(resource, resource, work.hours, words, note, work.assumed, context)


def group(resource: Resource, context: Context) -> Iterator[Line]:
    """Price a group of machines: as many as the tasks on it need where ECS scales it, else by its own bounds."""
    followers = _providers_of(context.graph).get(resource.name, [])
    if not followers:
        yield from machines.group(resource, context)
        return
    name, spot = machines.first_type(resource, context)
    users = [one for provider in followers for one in _users_of(context.graph).get(provider.name, [])]
    services = list({one.name: one for one in users}.values())
    if services:
        counts, note, assumed = _machines_of(services, name, context)
        yield from machines.bought(resource, name, counts, context, note=note, assumed=assumed)
        yield from machines.disks(resource, counts, context)
        return
    yield from _for_jobs(resource, name, spot, context)


def _for_jobs(resource: Resource, name: str | None, spot: bool, context: Context) -> Iterator[Line]:
    task = next(iter(of_workload(context.graph, resource.workload, TASK)), None)
    work = HOW_OFTEN if task is None else work_of(task, context)
    if task is None or isinstance(work, str):
        note = work if isinstance(work, str) else HOW_OFTEN
        yield from machines.job_hours(resource, name, None, 1.0, context, spot=spot, note=note)
        return
    machine = instance(name) if name else None
    together = ceil(work.parts / (_fit(task, machine) if machine is not None else 1))
    hours = work.hours * (together / work.parts)
    yield from machines.job_hours(resource, name, hours, together, context, spot=spot, note=work.note)
    yield from machines.disks(resource, hours * (1 / HOURS_A_MONTH), context)


def _fargate(
    resource: Resource,
    task: Resource,
    hours: Amount | None,
    words: str,
    note: str,
    assumed: bool,
    context: Context,
) -> Iterator[Line]:
    cpu, memory = number(prop(task, "cpu")), number(prop(task, "memory"))
    if cpu is None or memory is None:
        yield unpriced(resource, f"{words} on Fargate", "its CPU or memory is not known")
        return
    if (prop(task, "runtime_platform")["operating_system_family"].text or "").startswith("WINDOWS"):
        yield unpriced(resource, f"{words} on Fargate", "no price of Windows on Fargate is known")
        return
    arch = "arm64" if prop(task, "runtime_platform")["cpu_architecture"].text == "ARM64" else "x86_64"
    parts = (("vcpu", cpu / 1024, "vCPU"), ("memory", memory / 1024, "GB"))
    for part, size, unit in parts:
        price = context.book.price("AmazonECS", f"fargate-{part}-{arch}", "OnDemand")
        what = f"{words} on Fargate, {size:g} {unit} each"
        if hours is None:
            yield usage(resource, what, price, note)
        elif price is None:
            yield unpriced(resource, what, no_price("Fargate", context))
        else:
            rate, said = savings_rate(resource, "OnDemand", price, context)
            notes = in_words(note, said)
            yield priced(resource, what, hours * size, price, rate=rate, note=notes, assumed=assumed)
    disk = number(prop(task, "ephemeral_storage")["size_in_gib"])
    if disk is not None and disk > _DISK_INCLUDED:
        yield unpriced(resource, f"{disk:g} GB of disk for each task", "no price of Fargate's disks is known")


def _tasks(resource: Resource, context: Context) -> tuple[Amount, str, bool]:
    count = number(prop(resource, "desired_count"))
    traffic = traffic_of(context.graph, resource.workload)
    seconds = traffic.duration_ms / 1000 if traffic and traffic.duration_ms else None
    bounds = context.scaling.bounds(resource, 1.0 if count is None else count, dimension=_DIMENSION)
    return bounds.amount(traffic, Serving(seconds, lanes_of(task_of(resource, context))))


def task_of(service: Resource, context: Context) -> Resource | None:
    """Give the task definition that a service runs."""
    return next(iter(follow(context.graph, prop(service, "task_definition"), TASK).resources), None)


def lanes_of(task: Resource | None) -> int:
    """Say how many requests a task works on at once."""
    if task is None:
        return 1
    units = number(prop(task, "cpu"))
    return lanes(units / 1024 if units else None, _accelerators(task))


def _machines_of(services: list[Resource], name: str | None, context: Context) -> tuple[Amount, str, bool]:
    """Give how many machines the tasks of services need."""
    machine = instance(name) if name else None
    low = expected = high = 0.0
    fits, assumed = 1, False
    for one in services:
        task = task_of(one, context)
        fits = _fit(task, machine) if task is not None and machine is not None else 1
        tasks, _, rests = _tasks(one, context)
        assumed = assumed or rests
        low, high = low + ceil(tasks.low / fits), high + ceil(tasks.high / fits)
        expected += tasks.expected / fits if fits == 1 else ceil(tasks.expected / fits)
    each = "one task each" if fits == 1 else f"{fits} tasks each"
    words = f"{each}, as many as the tasks need"
    return Amount(low, max(low, expected), high), words, assumed


def _fit(task: Resource, machine: Instance) -> int:
    """Say how many tasks fit on a machine by CPU, memory and accelerators."""
    room = [
        (number(prop(task, "cpu")), machine.vcpu * 1024.0),
        (number(prop(task, "memory")), float(machine.memory_mib)),
        (_accelerators(task), float(machine.accelerator.count if machine.accelerator else 0)),
    ]
    fits = [int(has // asked) for asked, has in room if asked]
    return max(1, min(fits, default=1))


def _accelerators(task: Resource) -> float:
    """Count the GPUs, or else the Neuron devices, that a task's containers ask for."""
    found = 0.0
    for container in document(prop(task, "container_definitions")).items():
        for requirement in container["resourceRequirements"].items():
            if requirement["type"].text == "GPU":
                found += number(requirement["value"]) or 0.0
        found += float(len(container["linuxParameters"]["devices"].items()))
    return found


def _providers(resource: Resource, context: Context) -> set[str]:
    """Give what a service's tasks are placed by: its launch type, its strategy, or its cluster's."""
    launch = prop(resource, "launch_type").text
    own = Service(resource)
    strategy = (*strategies(own.strategy), *Capacity(context.graph).default_strategy(own))
    used = {name for one in strategy if one.is_used.value is not False and (name := one.provider.text)}
    return used | ({launch} if launch else set())


def _on_own_machines(context: Context) -> bool:
    """Say whether a graph has machines that may run the tasks of a service that is not on Fargate."""
    return bool(context.graph.of(GROUP, "aws.ec2.Instance"))


def _only_fargate(task: Resource) -> bool:
    return [one.text for one in prop(task, "requires_compatibilities").items()] == ["FARGATE"]


@once
def _services(graph: Graph) -> Pointers:
    """Give the services by the task definition that they run."""
    return Pointers(graph.of(SERVICE), "task_definition")


@once
def _providers_of(graph: Graph) -> dict[str, list[Resource]]:
    """Give the capacity providers by the group that they scale."""
    found: dict[str, list[Resource]] = {}
    for provider in graph.of(PROVIDER):
        arn = prop(provider, "auto_scaling_group_provider")["auto_scaling_group_arn"]
        for group_ in follow(graph, arn, GROUP).resources:
            found.setdefault(group_.name, []).append(provider)
    return found


@once
def _users_of(graph: Graph) -> dict[str, list[Resource]]:
    """Give the services by the capacity provider, of this graph, that they name."""
    found: dict[str, list[Resource]] = {}
    for one in graph.of(SERVICE):
        for strategy in prop(one, "capacity_provider_strategies").items():
            for provider in follow(graph, strategy["capacity_provider"], PROVIDER).resources:
                found.setdefault(provider.name, []).append(one)
    return found


PRICERS: Pricers = {SERVICE: service, TASK: task_definition, GROUP: group}
