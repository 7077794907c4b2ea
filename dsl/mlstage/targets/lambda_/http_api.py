"""An HTTP API of API Gateway in front of a function, for requests signed by IAM."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from mlstage.diagnostics import Diagnostic
from mlstage.graph import Ref, Resource, Value, join
from mlstage.spec.per_stage import known
from mlstage.spec.targets import Lambda
from mlstage.spec.text import seconds
from mlstage.targets.base import Blame
from mlstage.targets.lambda_.function import Function
from mlstage.targets.logs import log_group
from mlstage.targets.place import Place

# botocore 1.44.5, apigatewayv2: IntegerWithLengthBetween50And30000, of TimeoutInMillis.
_LONGEST_S: Final = 30
# SageMaker's own path, so that callers of a container need not learn another one.
_ROUTE: Final = "POST /invocations"
_LOGGED: Final = {
    "requestId": "$context.requestId",
    "time": "$context.requestTime",
    "caller": "$context.identity.caller",
    "route": "$context.routeKey",
    "status": "$context.status",
    "latencyMs": "$context.responseLatency",
    "error": "$context.integrationErrorMessage",
}


def check(blame: Blame, on: Lambda) -> Iterator[Diagnostic]:
    """Check that nobody waits for longer than the gateway does."""
    if known(on.endpoint) == "api_gateway" and seconds(known(on.timeout)) > _LONGEST_S:
        what = f"timeout={known(on.timeout)!r}, but an HTTP API stops waiting after {_LONGEST_S} seconds"
        instead = f'timeout="{_LONGEST_S}s" or less, or endpoint="function_url", which waits for 15 minutes'
        yield blame("AWS212", "on.timeout", what, instead)


def lower(place: Place, workload: str, made: Function) -> tuple[Resource, ...]:
    """Make the API, its one route to the alias, and its stage with a log of requests."""
    api = Resource(
        place.name(workload, "api"),
        "aws.apigatewayv2.Api",
        {"name": place.physical(workload, limit=128), "protocol_type": "HTTP"},
        workload=workload,
    )
    to_function: dict[str, Value] = {
        "api_id": Ref(api.name, "id"),
        "integration_type": "AWS_PROXY",
        "integration_uri": Ref(made.alias.name, "invoke_arn"),
        "payload_format_version": "2.0",
        "timeout_milliseconds": _LONGEST_S * 1000,
    }
    integration = Resource(
        place.name(workload, "integration"), "aws.apigatewayv2.Integration", to_function, workload=workload
    )
    route: dict[str, Value] = {
        "api_id": Ref(api.name, "id"),
        "route_key": _ROUTE,
        "authorization_type": "AWS_IAM",
        "target": join("integrations/", Ref(integration.name, "id")),
    }
    allowed: dict[str, Value] = {
        "action": "lambda:InvokeFunction",
        "function": made.name,
        "qualifier": Ref(made.alias.name, "name"),
        "principal": "apigateway.amazonaws.com",
        "source_arn": join(Ref(api.name, "execution_arn"), "/*/POST/invocations"),
    }
    return (
        api,
        integration,
        Resource(place.name(workload, "route"), "aws.apigatewayv2.Route", route, workload=workload),
        *_stage(place, workload, api),
        Resource(place.name(workload, "permission"), "aws.lambda_.Permission", allowed, workload=workload),
    )


def _stage(place: Place, workload: str, api: Resource) -> tuple[Resource, Resource]:
    logs = log_group(place, workload, f"/aws/apigateway/{place.physical(workload, limit=128)}", "api-logs")
    props: dict[str, Value] = {
        "api_id": Ref(api.name, "id"),
        "name": "$default",
        "auto_deploy": True,
        "access_log_settings": {"destination_arn": Ref(logs.name, "arn"), "format": json.dumps(_LOGGED)},
    }
    return logs, Resource(place.name(workload, "stage"), "aws.apigatewayv2.Stage", props, workload=workload)
