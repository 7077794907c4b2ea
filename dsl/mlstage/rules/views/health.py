"""How it is found out that a copy of a service can answer: checks of target groups, probes of containers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mlstage.graph import Resource
from mlstage.rules.truth import Field, Truth, field
from mlstage.rules.views.pods import DEPLOYMENT, containers

TARGETS: Final = "aws.lb.TargetGroup"
PROBED: Final = (TARGETS, DEPLOYMENT)


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
