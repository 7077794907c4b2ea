"""How it is found out that a copy of a service can answer or still works: target groups, probes, health checks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mlstage.graph import Graph, Resource
from mlstage.rules.truth import NO, Field, Truth, any_of, field
from mlstage.rules.views.documents import document
from mlstage.rules.views.links import follow
from mlstage.rules.views.pods import DEPLOYMENT, containers, pods_of
from mlstage.rules.views.services import SERVICE, TASK, Service

TARGETS: Final = "aws.lb.TargetGroup"
PROBED: Final = (TARGETS, DEPLOYMENT)
# By this a task definition says that what its image brings along is not to be asked.
_NEVER: Final = "NONE"


@dataclass(frozen=True, slots=True)
class Probe:
    """One check that there should be: what is wrong with it, and whether it is."""

    at: Field
    is_missing: Truth
    lack: str
    part: str = ""


def probes(resource: Resource) -> Iterator[Probe]:
    """Yield the checks of a resource of one of the `PROBED` types."""
    if resource.type == DEPLOYMENT:
        for container in containers(resource):
            probe = container.at["readiness_probe"]
            yield Probe(
                probe, container.serves & probe.is_absent(), "gets requests as soon as it starts", container.words
            )
        return
    check = field(resource, "health_check")
    # A function behind a load balancer is not checked unless asked for, and needs no check.
    of_function = field(resource, "target_type").is_one_of("lambda")
    enabled = check["enabled"]
    off = enabled.is_given() & ~enabled.is_true()
    yield Probe(enabled, ~of_function & off, "has its health checks turned off")
    protocol, path = check["protocol"], check["path"]
    own = field(resource, "protocol") if protocol.value is None else protocol
    over_port = own.is_one_of("TCP", "UDP", "TCP_UDP", "TLS")
    yield Probe(
        path,
        ~of_function & ~over_port & ~off & path.is_absent(),
        "asks for / to find out whether a copy can answer",
    )
    yield Probe(
        own,
        ~of_function & over_port & ~off,
        f"asks for an open port ({own.shown}) to find out whether a copy can answer",
    )


def probes_of_stack(graph: Graph) -> Iterator[Probe]:
    """Yield the checks that only several resources together ask for."""
    pods = pods_of(graph)
    for deployment in pods.deployments:
        # Kubernetes reads a port in a container's description as a remark: callers get through without one.
        listed = tuple(containers(deployment))
        probes = tuple(one.at["readiness_probe"] for one in listed)
        if listed:
            shown = any_of(one.serves for one in listed) | any_of(probe.is_given() for probe in probes)
            missing = pods.is_realtime(deployment) & ~shown
            yield Probe(probes[0], missing, "gets requests as soon as it starts", listed[0].words)
    for service in graph.of(SERVICE):
        yield _of_worker(graph, service)


def _of_worker(graph: Graph, service: Resource) -> Probe:
    """Ask a service without a load balancer for a health check in a container: nothing else asks its tasks."""
    at = field(service, "task_definition")
    found = follow(graph, at, TASK)
    checked = any_of(_is_checked(task) for task in found.resources) if found.resources else found.gap()
    # One task on each machine is an agent's, which its machine watches.
    agent = field(service, "scheduling_strategy").is_one_of("DAEMON")
    missing = ~Service(service).is_realtime & ~agent & ~checked
    return Probe(at, missing if at.value is not None else NO, "keeps tasks that hang: no container has a health check")


def _is_checked(task: Resource) -> Truth:
    listed = document(field(task, "container_definitions"))
    checks = (one["healthCheck"]["command"] for one in listed.items())
    return any_of(check.is_given() & ~any_of(word.is_one_of(_NEVER) for word in check.items()) for check in checks)
