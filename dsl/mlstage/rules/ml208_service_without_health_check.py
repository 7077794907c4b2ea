"""ML208: requests that are sent to whatever is up, whether it can answer or not."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator

from mlstage.graph import Graph, Resource, Value
from mlstage.rules import examples
from mlstage.rules.examples import jobs as job_examples
from mlstage.rules.levels import Level, Levels
from mlstage.rules.rule import About, resource_rule
from mlstage.rules.truth import Answer, when
from mlstage.rules.views.health import PROBED, Probe, probes, probes_of_stack


@resource_rule(
    id="ML208",
    name="service-without-health-check",
    title="Service whose copies nobody asks whether they can answer",
    types=PROBED,
    levels=Levels(test=Level.ADVISORY, production=Level.MANDATORY, other=Level.ADVISORY),
    fix="a check of the path that says whether the model is loaded, such as /ping; of what takes its requests from a"
    ' queue, on=Ecs(health_command="…"), a command that says whether it still works',
    elsewhere="a check of the path that says whether the model is loaded, such as /ping; of what takes its requests"
    " from a queue, a command of the container's that says whether it still works",
    sources=(
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html",
        "https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/",
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/healthcheck.html",
    ),
)
def service_without_health_check(resource: Resource, about: About) -> Iterator[Answer]:
    """A container is up seconds after it starts, and its model loaded minutes later: requests in between fail.

    The same shows at every scale-out and every update. A target group that is told nothing asks for `/`, which model
    servers do not have, or, over TCP, for an open port, which says nothing of the model. In Kubernetes a container
    without a readiness probe counts as ready when its process has started: meant are Deployments whose containers open
    a port, or whose pods a Service selects.

    An ECS service without a load balancer takes its work from a queue, and nobody notices when a task hangs, but for
    the queue that grows: a health check in its task definition has ECS replace such a task. One task on each machine
    (`DAEMON`) is not meant, and of a task definition of another stack nothing can be said here.
    """
    for probe in probes(resource):
        yield from _judged(probe, about)


@service_without_health_check.over_stack
def _of_stack(graph: Graph, about: About) -> Iterator[Answer]:
    for probe in probes_of_stack(graph):
        yield from _judged(probe, about)


def _judged(probe: Probe, about: About) -> Iterator[Answer]:
    yield from when(probe.is_missing, probe.at, f"{about.call_part(probe.at.resource, probe.part)} {probe.lack}")


def _group(**props: Value) -> Resource:
    network: dict[str, Value] = {"vpc_id": "vpc-0a1b2c3d4e5f60718", "target_type": "ip", "protocol": "HTTP"}
    return Resource("scorers", "aws.lb.TargetGroup", {"port": 8080, **network, **props})


@service_without_health_check.bad("scorers", "health_check.path")
def target_group_that_says_nothing() -> Graph:
    """A target group without a health check of its own."""
    return examples.in_production_stack(_group())


@service_without_health_check.bad("scorers", "health_check.enabled")
def target_group_without_checks() -> Graph:
    """A target group whose checks are turned off."""
    return examples.in_production_stack(_group(health_check={"enabled": False, "path": "/ping"}))


@service_without_health_check.good()
def target_group_that_asks() -> Graph:
    """A target group that asks whether the model is loaded."""
    return examples.in_production_stack(_group(health_check={"path": "/ping", "matcher": "200"}))


@service_without_health_check.good()
def target_group_over_tcp_that_asks_over_http() -> Graph:
    """A target group of a network load balancer, which asks over HTTP whether the model is loaded."""
    return examples.in_production_stack(
        _group(protocol="TCP", health_check={"protocol": "HTTP", "path": "/v2/health/ready"})
    )


@service_without_health_check.bad("web", "spec.template.spec.containers[0].readiness_probe")
def container_without_readiness_probe() -> Graph:
    """A Deployment whose container opens a port and is ready at once."""
    return examples.in_production_stack(
        *examples.deployment(probed=False), examples.autoscaler(), examples.disruption_budget()
    )


@service_without_health_check.good()
def container_with_readiness_probe() -> Graph:
    """A Deployment whose container is asked whether its model is loaded."""
    return examples.in_production_stack(*examples.deployment(), examples.autoscaler(), examples.disruption_budget())


@service_without_health_check.bad("web", "spec.template.spec.containers[0].readiness_probe")
def pods_behind_a_service_without_probe() -> Graph:
    """A Deployment behind a Service that names no port and is ready at once."""
    deployment = examples.deployment(probed=False, own={"ports": ()})
    return examples.in_production_stack(*deployment, examples.autoscaler(), examples.disruption_budget())


@service_without_health_check.bad("web", "task_definition")
def worker_that_may_hang() -> Graph:
    """An ECS service that takes its work from a queue, and whose container nobody asks."""
    return examples.in_production_stack(*job_examples.worker(healthCheck=None))


@service_without_health_check.good()
def worker_that_is_asked() -> Graph:
    """The same with a health check that wants a sign of life from the last five minutes."""
    return examples.in_production_stack(*job_examples.worker())
