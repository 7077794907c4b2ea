"""ECS: services that come up at once and are described as they were asked for, and containers that reserve memory."""

from __future__ import annotations

from typing import Any, Final

from tests.terraform.answers import added, wrap


@added("ecs:RegisterTaskDefinition", "on EC2 machines moto wants `memory` of every container, AWS takes a reservation")
def _reservations() -> None:
    from moto.ecs.models import EC2ContainerServiceBackend

    theirs = EC2ContainerServiceBackend._validate_container_defs

    def validated(memory: Any, definitions: list[dict[str, Any]], *rest: Any, **options: Any) -> None:
        known = [{**one, "memory": one.get("memory", one.get("memoryReservation"))} for one in definitions]
        kept = [{key: value for key, value in one.items() if value is not None} for one in known]
        theirs(memory, kept, *rest, **options)

    setattr(EC2ContainerServiceBackend, "_validate_container_defs", staticmethod(validated))  # noqa: B010 - mypy minds an assignment


@added("ecs:DescribeServices", "moto starts no tasks; these run at once, and their deployment is complete")
def _services() -> None:
    from moto.ecs.models import EC2ContainerServiceBackend

    def described(theirs: Any, backend: Any, *args: Any, **options: Any) -> Any:
        services, failures = theirs(backend, *args, **options)
        for service in services:
            service.running_count, service.pending_count = service.desired_count, 0
            for deployment in service.deployments:
                deployment |= {"desiredCount": service.desired_count, "runningCount": service.desired_count}
                deployment["taskDefinition"] = service.task_definition
                deployment |= {"pendingCount": 0, "rolloutState": "COMPLETED", "status": "PRIMARY"}
        return services, failures

    wrap(EC2ContainerServiceBackend, "describe_services", described)


# What a service answers as it was asked for, and what AWS fills in.
_ASKED: Final[dict[str, Any]] = {
    "capacityProviderStrategy": [],
    "placementConstraints": [],
    "placementStrategy": [],
    "deploymentConfiguration": {"maximumPercent": 200, "minimumHealthyPercent": 100},
    "healthCheckGracePeriodSeconds": None,
    "availabilityZoneRebalancing": "ENABLED",
    "enableECSManagedTags": False,
    "enableExecuteCommand": False,
}


@added(
    "ecs:CreateService",
    "moto forgets capacity providers, placement, rebalancing, managed tags, the period of grace and how to deploy",
)
def _asked() -> None:
    from moto.ecs.responses import EC2ContainerServiceResponse

    def created(theirs: Any, response: Any) -> Any:
        answer = theirs(response)
        service = answer.result["service"]
        for member, otherwise in _ASKED.items():
            given = response._get_param(member)
            setattr(service, member, otherwise if given is None else given)
        if service.capacityProviderStrategy:
            service.launch_type = None  # one or the other
        return answer

    def updated(theirs: Any, response: Any) -> Any:
        answer = theirs(response)
        for member in _ASKED:
            if (given := response._get_param(member)) is not None:
                setattr(answer.result["service"], member, given)
        return answer

    wrap(EC2ContainerServiceResponse, "create_service", created)
    wrap(EC2ContainerServiceResponse, "update_service", updated)
