"""ECS: services and the balancers before them, jobs that Step Functions runs, machines in groups and alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from mlstage.graph import Resource
from mlstage.insight.diagram import stores
from mlstage.insight.diagram.callers import asked
from mlstage.insight.diagram.model import Edge, Mark, Node
from mlstage.insight.diagram.paint import (
    SPOT,
    VPC,
    Context,
    Painters,
    Piece,
    accelerator,
    marks,
    number,
    scaled_on,
    span,
    to_zero,
)
from mlstage.insight.diagram.words import duration, image_name, plural, short_name
from mlstage.rules.truth import Field, field
from mlstage.rules.views.documents import document
from mlstage.rules.views.links import follow
from mlstage.rules.views.services import SERVICE, Capacity, Service, strategies

TASK: Final = "aws.ecs.TaskDefinition"
MACHINE: Final = "aws.sfn.StateMachine"
_PROVIDER: Final = "aws.ecs.CapacityProvider"
_PROVIDER_KEYS: Final = ("capacity_provider", "CapacityProvider")
_GROUP: Final = "aws.autoscaling.Group"
_TEMPLATE: Final = "aws.ec2.LaunchTemplate"
_TARGETS: Final = "aws.lb.TargetGroup"
_BALANCER: Final = "aws.lb.LoadBalancer"
_LISTENER: Final = "aws.lb.Listener"
_DIMENSION: Final = "ecs:service:DesiredCount"


def service(resource: Resource, context: Context) -> Iterator[Piece]:
    """Show a service with its task definition and what scales it as one node."""
    task = context.first(field(resource, "task_definition"), TASK)
    count = number(field(resource, "desired_count"))
    bounds = context.scaling.bounds(resource, 1.0 if count is None else count, dimension=_DIMENSION)
    runs = _Capacity(field(resource, "capacity_provider_strategies"), context)
    spot = Capacity(context.graph)
    own = strategies(Service(resource).strategy)
    is_spot = any(one.is_fargate_spot.value or spot.is_spot(one).value for one in own)
    lines = [
        f"{span(bounds)} {'task' if span(bounds) == '1' else 'tasks'}",
        *_task_lines(task),
        *runs.words,
        *scaled_on(bounds),
    ]
    yield Node(
        resource.name,
        "serves" if field(resource, "load_balancers").value else "works",
        "ECS service",
        short_name(resource, context.graph),
        tuple(lines),
        marks(SPOT if is_spot else None, runs.marks, to_zero(bounds), _vpc(field(resource, "network_configuration"))),
        resource.workload,
        (*((task.name,) if task else ()), *runs.names, *context.scalers(resource)),
    )
    for attached in field(resource, "load_balancers").items():
        for group in follow(context.graph, attached["target_group_arn"], _TARGETS).resources:
            yield Edge(group.name, resource.name, "traffic")
    yield from _data(resource.name, task, context)


def _vpc(network: Field) -> Mark | None:
    return VPC if network.value is not None else None


def _task_lines(task: Resource | None) -> Iterator[str]:
    if task is None:
        return
    cpu, memory = number(field(task, "cpu")), number(field(task, "memory"))
    if cpu is not None and memory is not None:
        yield f"{cpu / 1024:g} vCPU, {memory / 1024:g} GB each"
    for container in document(field(task, "container_definitions")).items():
        if image := container["image"].text:
            yield image_name(image)


def _data(name: str, task: Resource | None, context: Context) -> Iterator[Piece]:
    if task is None:
        return
    role = field(task, "task_role_arn")
    yield from stores.by_policies(name, role, context)
    yield from _queues(name, task, context)


def _queues(name: str, task: Resource, context: Context) -> Iterator[Piece]:
    """Show the queues whose address a container is given, and which its role may read."""
    for container in document(field(task, "container_definitions")).items():
        for variable in container["environment"].items():
            for queue in follow(context.graph, variable["value"], "aws.sqs.Queue").resources:
                yield Edge(queue.name, name, "data", "requests")


class _Capacity:
    """The machines that tasks run on, or Fargate."""

    def __init__(self, at: Field, context: Context) -> None:
        self.words: list[str] = []
        self.names: list[str] = []
        self.marks: tuple[Mark, ...] = ()
        for item in at.items():
            name = (
                item["capacity_provider"] if item["capacity_provider"].value is not None else item["CapacityProvider"]
            )
            if name.text is not None and name.text.startswith("FARGATE"):
                self.words.append("on Fargate")
            provider = context.first(name, _PROVIDER)
            if provider is not None:
                self._machines(provider, context)

    def _machines(self, provider: Resource, context: Context) -> None:
        self.names.append(provider.name)
        arn = field(provider, "auto_scaling_group_provider")["auto_scaling_group_arn"]
        group = context.first(arn, _GROUP)
        if group is None:
            return
        types, template = launched(group, context)
        self.names += [group.name, *((template.name,) if template else ())]
        most = number(field(group, "max_size"))
        self.words.append(f"on {' or '.join(types) or 'machines'}{'' if most is None else f', at most {most:g}'}")
        self.marks = marks(self.marks, *(accelerator(name) for name in types))


def launched(group: Resource, context: Context) -> tuple[tuple[str, ...], Resource | None]:
    """Give the instance types that a group may launch, and its launch template."""
    mixed = field(group, "mixed_instances_policy")["launch_template"]
    named = mixed["launch_template_specification"]["launch_template_id"]
    plain = field(group, "launch_template")
    at = named if named.value is not None else plain["id"] if plain["id"].value is not None else plain["name"]
    template = context.first(at, _TEMPLATE)
    types = [one["instance_type"].text for one in mixed["overrides"].items()]
    if not any(types) and template is not None:
        types = [field(template, "instance_type").text]
    return tuple(name for name in types if name), template


def group(resource: Resource, context: Context) -> Iterator[Piece]:
    """Show a group of machines; where a service runs on it, the service stands for it."""
    types, template = launched(resource, context)
    low, high = number(field(resource, "min_size")), number(field(resource, "max_size"))
    between = f"{low:g}\N{EN DASH}{high:g}" if low is not None and high is not None else "?"
    lines = (f"{between} \N{MULTIPLICATION SIGN} {' or '.join(types) or 'machines'}",)
    found = marks(*(accelerator(name) for name in types))
    title, names = short_name(resource, context.graph), (template.name,) if template else ()
    yield Node(resource.name, "machine", "Auto Scaling group", title, lines, found, resource.workload, names)


def instance(resource: Resource, context: Context) -> Iterator[Piece]:
    """Show one EC2 instance."""
    machine = field(resource, "instance_type")
    spot = SPOT if field(resource, "instance_market_options")["market_type"].text == "spot" else None
    title = short_name(resource, context.graph)
    found = marks(spot, accelerator(machine.text))
    yield Node(
        resource.name, "machine", "EC2 instance", title, (machine.text or machine.shown,), found, resource.workload
    )


def balancer(resource: Resource, context: Context) -> Iterator[Piece]:
    """Show a load balancer with its listeners and target groups."""
    listeners = context.naming(resource, _LISTENER, "load_balancer_arn")
    targets = [
        group.name
        for listener in listeners
        for action in field(listener, "default_actions").items()
        for group in follow(context.graph, action["target_group_arn"], _TARGETS).resources
    ]
    doors = [f"{field(one, 'protocol').shown} {field(one, 'port').shown}" for one in listeners]
    where = "in the VPC only" if field(resource, "internal").is_true().value else "on the internet"
    kind = field(resource, "load_balancer_type").text or "application"
    yield Node(
        resource.name,
        "balancer",
        f"{kind.capitalize()} load balancer",
        short_name(resource, context.graph),
        (*dict.fromkeys(doors), where),
        (),
        resource.workload,
        (*(one.name for one in listeners), *targets),
    )
    yield from asked(resource.name, resource.workload, context)


def state_machine(resource: Resource, context: Context) -> Iterator[Piece]:
    """Show a state machine with the tasks that it runs on ECS as one node."""
    definition = document(field(resource, "definition"))
    tasks: list[Resource] = []
    lines: list[str] = []
    names: list[str] = []
    found: list[Mark | tuple[Mark, ...] | None] = []
    states = definition["States"].value
    for name in states if isinstance(states, Mapping) else ():
        arguments, state = definition["States"][name]["Arguments"], definition["States"][name]
        if arguments["TaskDefinition"].value is None:
            arguments = state["Parameters"]
        task = context.first(arguments["TaskDefinition"], TASK)
        if task is None or task in tasks:
            continue
        runs = _Capacity(arguments["CapacityProviderStrategy"], context)
        tasks.append(task)
        names += [task.name, *runs.names]
        lines += [*_task_lines(task), *(runs.words or ["on Fargate"])]
        limit = number(state["TimeoutSeconds"])
        lines += [f"stopped after {duration(limit)}"] if limit else []
        found += [runs.marks, *_spot(arguments["CapacityProviderStrategy"], context)]
        found.append(_vpc(arguments["NetworkConfiguration"]))
    label = "Step Functions state machine" if not tasks else f"{plural('ECS task', len(tasks))}, run by Step Functions"
    if len(tasks) == 1:
        label = "ECS task, run by Step Functions"
    title = short_name(resource, context.graph)
    yield Node(resource.name, "works", label, title, tuple(lines), marks(*found), resource.workload, tuple(names))
    for task in tasks:
        yield from _data(resource.name, task, context)


def _spot(at: Field, context: Context) -> Iterator[Mark]:
    for item in at.items():
        name = item["CapacityProvider"]
        provider = context.first(name, _PROVIDER)
        arn = field(provider, "auto_scaling_group_provider")["auto_scaling_group_arn"] if provider else None
        group = context.first(arn, _GROUP) if arn else None
        mixed = field(group, "mixed_instances_policy")["instances_distribution"] if group else None
        share = number(mixed["on_demand_percentage_above_base_capacity"]) if mixed else None
        if name.text == "FARGATE_SPOT" or (share is not None and share < 100):
            yield SPOT


PAINTERS: Painters = {
    SERVICE: service,
    MACHINE: state_machine,
    _BALANCER: balancer,
    _GROUP: group,
    "aws.ec2.Instance": instance,
}
