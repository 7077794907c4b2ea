"""How what answers callers is brought to a new version, and whether it goes back by itself when that one is bad."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mlstage.graph import Graph, Ref, Resource
from mlstage.rules.truth import NO, Field, Truth, all_of, any_of, field, truth
from mlstage.rules.views.alarms import ALARM
from mlstage.rules.views.endpoints import Endpoint, endpoints
from mlstage.rules.views.functions import ALIAS, FUNCTION, functions_of
from mlstage.rules.views.links import follow
from mlstage.rules.views.pods import Pods, pods_of
from mlstage.rules.views.services import SERVICE, Service
from mlstage.rules.views.watchers import Watchers, metrics

APPLICATION: Final = "aws.codedeploy.Application"
DEPLOYMENT_GROUP: Final = "aws.codedeploy.DeploymentGroup"
# Kubernetes takes the largest number of 32 bits for "no deadline".
_NO_DEADLINE_S: Final = 2**31 - 1
_WHOLE: Final = 100
# By these a bad version of a function shows, be they counted by Lambda, its URL or the HTTP API before it.
_FAILURES: Final = ("Errors", "Url5xxCount", "5xx", "5XXError")


@dataclass(frozen=True, slots=True)
class Update:
    """One way in which a resource is updated, where a bad version would stay.

    `lack` is what is wrong with it, in a sentence that its name begins, and `instead` the property that cures it.
    """

    resource: Resource
    at: Field
    stays: Truth
    lack: str
    instead: str = ""


def updates(graph: Graph) -> Iterator[Update]:
    """Yield the ways in which what answers callers is updated."""
    yield from (_of_endpoint(endpoint) for endpoint in endpoints(graph))
    yield from (_of_service(resource) for resource in graph.of(SERVICE))
    pods = pods_of(graph)
    for deployment in pods.deployments:
        yield from _of_deployment(deployment, pods)
    groups = tuple(_of_functions(graph))
    yield from (_of_group(group) for group in groups)
    yield from _of_aliases(graph, groups)


def _of_endpoint(endpoint: Endpoint) -> Update:
    config = field(endpoint.resource, "deployment_config")
    alarms = config["auto_rollback_configuration"]["alarms"]
    on_instances = all_of(served.variant.on_instances for served in endpoint.served)
    stays = endpoint.is_realtime & on_instances & alarms.is_absent()
    return Update(endpoint.resource, config, stays, "takes updates without alarms to go back on")


def _of_service(resource: Resource) -> Update:
    breaker, alarms = field(resource, "deployment_circuit_breaker"), field(resource, "alarms")
    own = field(resource, "deployment_controller")["type"].is_one_of("CODE_DEPLOY", "EXTERNAL")
    by_breaker = breaker["enable"].is_true() & breaker["rollback"].is_true()
    goes_back = own | by_breaker | (alarms["enable"].is_true() & alarms["rollback"].is_true())
    return Update(
        resource,
        breaker,
        Service(resource).is_realtime & ~goes_back,
        "takes updates and does not go back when new tasks fail",
        'deployment_circuit_breaker={"enable": True, "rollback": True}',
    )


def _of_deployment(resource: Resource, pods: Pods) -> Iterator[Update]:
    """Yield what keeps a Deployment's former pods from staying until new ones are ready.

    A rolling update that stops at pods that do not become ready leaves the others where they are: nothing is to be
    taken back.
    """
    spec, answers = field(resource, "spec"), pods.is_realtime(resource)
    kind, most = spec["strategy"]["type"], spec["strategy"]["rolling_update"]["max_unavailable"]
    yield Update(
        resource,
        kind,
        answers & kind.is_one_of("Recreate"),
        "ends all its pods before it starts new ones",
        'strategy={"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0}}',
    )
    yield Update(
        resource,
        most,
        answers & ~kind.is_one_of("Recreate") & _is_all(most, pods, resource),
        f"may end all its pods ({most.shown}) before new ones are ready",
        "maxUnavailable: 0, or a part of the pods",
    )
    deadline = spec["progress_deadline_seconds"]
    yield Update(
        resource,
        deadline,
        answers & truth(deadline.number == _NO_DEADLINE_S),
        "never says that an update has failed",
        "progressDeadlineSeconds: 600, which is Kubernetes's own, or what the largest model needs",
    )


def _is_all(most: Field, pods: Pods, deployment: Resource) -> Truth:
    """Say whether so many pods, in numbers or per cent, are all that there may be."""
    if most.number is None:
        return most.satisfies(lambda text: text.removesuffix("%").isdigit() and int(text.rstrip("%")) >= _WHOLE)
    if not most.number:
        return NO
    scalers = pods.scalers(deployment)
    least = field(scalers[0], "spec")["min_replicas"] if scalers else field(deployment, "spec")["replicas"]
    if least.value is None:
        return NO
    return least.is_below(int(most.number) + 1)


def _of_functions(graph: Graph) -> Iterator[Resource]:
    """Yield CodeDeploy's groups for functions. Which function is told at each deployment, not by the group."""
    for group in graph.of(DEPLOYMENT_GROUP):
        applications = follow(graph, field(group, "app_name"), APPLICATION).resources
        named = field(group, "deployment_config_name").satisfies(lambda name: "Lambda" in name)
        if any_of(field(one, "compute_platform").is_one_of("Lambda") for one in applications).value or named.value:
            yield group


def _of_group(group: Resource) -> Update:
    back = field(group, "auto_rollback_configuration")["enabled"]
    return Update(
        group,
        back,
        ~back.is_true(),
        "moves a function's callers to a new version, and does not go back when that fails",
        'auto_rollback_configuration={"enabled": True, "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"]}',
    )


def _of_aliases(graph: Graph, groups: tuple[Resource, ...]) -> Iterator[Update]:
    """Yield the aliases that follow their function's newest version, which callers get at once.

    Lambda keeps the former version, and one call leads back to it: what matters is that somebody is told.
    """
    functions, alarms = functions_of(graph), Watchers(graph)
    of_calls = any_of(alarms.is_heard(one) for one in graph.of(ALARM) if _is_about_failures(one, "AWS/ApiGateway"))
    for alias in graph.of(ALIAS):
        version = field(alias, "function_version")
        owners = follow(graph, version, FUNCTION).resources if isinstance(version.value, Ref) else ()
        for owner in owners:
            own = (*alarms.of(owner), *alarms.of(alias))
            watched = any_of(alarms.is_heard(one) for one in own if _is_about_failures(one)) | alarms.unknown()
            weighted = field(alias, "routing_config")["additional_version_weights"].is_given()
            yield Update(
                alias,
                version,
                functions.answers_callers(owner) & ~weighted & ~truth(bool(groups)) & ~watched & ~of_calls,
                "gives its callers each new version at once, and no alarm on its errors tells to go back",
                "an alarm on `Errors` of the function that tells somebody; a deployment group of CodeDeploy's, which"
                " shifts callers in steps and goes back; or weights in `routing_config`",
            )


def _is_about_failures(alarm: Resource, namespace: str = "") -> bool:
    return any(
        one["metric_name"].text in _FAILURES and (not namespace or one["namespace"].text == namespace)
        for one in metrics(alarm)
    )
