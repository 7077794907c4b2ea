"""Batch: compute environments under the role that AWS has for it, and described as they were asked for."""

from __future__ import annotations

import json
from threading import Lock
from typing import Any

from tests.terraform.answers import added, wrap


@added(
    "batch:CreateComputeEnvironment",
    "moto wants a role of every compute environment; where none is named, AWS takes its own, which this makes",
)
def _own_role() -> None:
    from moto.batch.models import BatchBackend
    from moto.iam.exceptions import NotFoundException
    from moto.iam.models import SERVICE_NAME_CONVERSION

    SERVICE_NAME_CONVERSION["batch"] = "Batch"
    one_at_a_time = Lock()

    def own_role(roles: Any) -> str:
        try:
            role = roles.get_role("AWSServiceRoleForBatch")
        except NotFoundException:
            role = roles.create_service_linked_role("batch.amazonaws.com", "", "")
        return str(role.arn)

    def made(theirs: Any, backend: Any, *args: Any, **options: Any) -> Any:
        with one_at_a_time:
            options["service_role"] = options["service_role"] or own_role(backend.iam_backend)
        return theirs(backend, *args, **options)

    wrap(BatchBackend, "create_compute_environment", made)


@added("batch:UpdateComputeEnvironment", "moto changes no machines of an environment")
def _other_machines() -> None:
    from moto.batch.models import BatchBackend

    def updated(theirs: Any, backend: Any, **options: Any) -> Any:
        answer = theirs(backend, **options)
        environment = backend.get_compute_environment(options["compute_environment_name"])
        environment.compute_resources.update(options["compute_resources"] or {})
        return answer

    wrap(BatchBackend, "update_compute_environment", updated)


@added("batch:DescribeJobQueues", "moto forgets when a job that waits in vain is given up")
def _given_up() -> None:
    from moto.batch.models import JobQueue
    from moto.batch.responses import BatchResponse

    def asked(theirs: Any, response: Any) -> str:
        answer: str = theirs(response)
        if (actions := response._get_param("jobStateTimeLimitActions")) is not None:
            named = json.loads(answer)["jobQueueName"]
            response.batch_backend.get_job_queue(named).time_limits = actions
        return answer

    def described(theirs: Any, queue: Any) -> dict[str, Any]:
        return {**theirs(queue), "jobStateTimeLimitActions": getattr(queue, "time_limits", [])}

    wrap(BatchResponse, "createjobqueue", asked)
    wrap(BatchResponse, "updatejobqueue", asked)
    wrap(JobQueue, "describe", described)


@added("batch:DescribeJobDefinitions", "moto leaves out what the nodes of a job on several run")
def _nodes() -> None:
    from moto.batch.models import JobDefinition

    def described(theirs: Any, definition: Any) -> dict[str, Any]:
        answer: dict[str, Any] = theirs(definition)
        if definition.node_properties is not None:
            answer["nodeProperties"] = definition.node_properties
        return answer

    wrap(JobDefinition, "describe", described)
