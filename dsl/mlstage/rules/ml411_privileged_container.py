"""ML411: containers that own their machine."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator

from mlstage.graph import Graph, Resource, Value
from mlstage.rules import examples
from mlstage.rules.levels import Level, Levels
from mlstage.rules.rule import About, resource_rule
from mlstage.rules.truth import Answer, when
from mlstage.rules.views.containers import CONTAINERS, containers


@resource_rule(
    id="ML411",
    name="privileged-container",
    title="Container with all the rights of its machine",
    types=CONTAINERS,
    levels=Levels(test=Level.MANDATORY, production=Level.MANDATORY, other=Level.MANDATORY),
    fix="privileged=false; a GPU or Neuron device is given by `resourceRequirements`, or by a device mapping",
    sources=(
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-tasks-containers.html",
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
    ),
)
def privileged_container(resource: Resource, about: About) -> Iterator[Answer]:
    """A privileged container is root on its machine: it reads the memory, disks and roles of all that runs beside it.

    GPUs, Neuron devices and shared memory need no privileges: ECS and Kubernetes pass single devices through.
    """
    for container in containers(resource):
        if container.privileged is not None:
            called = about.call_part(resource, container.part)
            yield from when(container.privileged.is_true(), container.privileged, f"{called} is privileged")


@privileged_container.bad("task", "container_definitions[0].privileged")
def root_of_the_machine() -> Graph:
    """An ECS task with privileges, for its GPU."""
    container: Value = {
        "name": "web",
        "image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/chat:2.1",
        "privileged": True,
        "resourceRequirements": ({"type": "GPU", "value": "1"},),
    }
    return examples.in_production_stack(examples.task(container))


@privileged_container.bad("web", "spec.template.spec.containers[0].security_context.privileged")
def pod_with_privileges() -> Graph:
    """A Deployment whose container is privileged."""
    return examples.in_production_stack(
        *examples.deployment(own={"security_context": {"privileged": True}}),
        examples.autoscaler(),
        examples.disruption_budget(),
    )


@privileged_container.good()
def one_device() -> Graph:
    """The same with its GPU alone."""
    container: Value = {
        "name": "web",
        "image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/chat:2.1",
        "resourceRequirements": ({"type": "GPU", "value": "1"},),
    }
    return examples.in_production_stack(examples.task(container))
