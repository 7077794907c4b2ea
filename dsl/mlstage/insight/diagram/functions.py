"""Lambda: functions, and the ways in which they are called."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.graph import Resource
from mlstage.insight.diagram import stores
from mlstage.insight.diagram.callers import asked
from mlstage.insight.diagram.model import Edge, Node
from mlstage.insight.diagram.paint import (
    VPC,
    Context,
    Painters,
    Piece,
    given,
    marks,
    number,
    scaled_on,
    span,
)
from mlstage.insight.diagram.words import duration, image_name, short_name
from mlstage.rules.truth import Field, field
from mlstage.rules.views.links import follow

FUNCTION: Final = "aws.lambda_.Function"
ALIAS: Final = "aws.lambda_.Alias"
_PROVISIONED: Final = "aws.lambda_.ProvisionedConcurrencyConfig"
_URL: Final = "aws.lambda_.FunctionUrl"
_MAPPING: Final = "aws.lambda_.EventSourceMapping"
_API: Final = "aws.apigatewayv2.Api"
_INTEGRATION: Final = "aws.apigatewayv2.Integration"


def function(resource: Resource, context: Context) -> Iterator[Piece]:
    """Show a function with its aliases and what keeps it warm as one node."""
    memory, limit = number(field(resource, "memory_size")), number(field(resource, "timeout"))
    image = field(resource, "image_uri").text
    aliases = context.naming(resource, ALIAS, "function_name")
    warm = context.naming(resource, _PROVISIONED, "function_name")
    lines = [image_name(image)] if image else []
    lines += [f"{memory / 1024:g} GB"] if memory else []
    lines += [f"stopped after {duration(limit)}"] if limit else []
    for one in warm:
        bounds = context.scaling.bounds(resource, number(field(one, "provisioned_concurrent_executions")) or 1.0)
        lines += [f"{span(bounds)} kept warm", *scaled_on(bounds)]
    vpc = VPC if given(resource, "vpc_config", "subnet_ids") else None
    names = (*(one.name for one in (*aliases, *warm)), *context.scalers(resource))
    title = short_name(resource, context.graph)
    yield Node(resource.name, "serves", "Lambda function", title, tuple(lines), marks(vpc), resource.workload, names)
    yield from stores.by_policies(resource.name, field(resource, "role"), context)


def url(resource: Resource, context: Context) -> Iterator[Piece]:
    """Show a function's URL."""
    title = "Signed by IAM" if field(resource, "authorization_type").text == "AWS_IAM" else "Open to everybody"
    yield Node(resource.name, "balancer", "Function URL", title, workload=resource.workload)
    yield from _to_function(resource, field(resource, "function_name"), "traffic", "", context)
    yield from asked(resource.name, resource.workload, context)


def api(resource: Resource, context: Context) -> Iterator[Piece]:
    """Show an API with the integrations that pass its requests on."""
    integrations = context.naming(resource, _INTEGRATION, "api_id")
    kind = field(resource, "protocol_type").text or "HTTP"
    title = short_name(resource, context.graph)
    names = tuple(one.name for one in integrations)
    yield Node(resource.name, "balancer", f"{kind} API", title, workload=resource.workload, stands_for=names)
    for one in integrations:
        for found in (field(one, "integration_uri"),):
            yield from _to_function(resource, found, "traffic", "", context)
    yield from asked(resource.name, resource.workload, context)


def mapping(resource: Resource, context: Context) -> Iterator[Piece]:
    """Show what a function is fed from."""
    for source in follow(context.graph, field(resource, "event_source_arn"), "aws.sqs.Queue").resources:
        size = number(field(resource, "batch_size"))
        label = "requests" if not size or size == 1 else f"{size:g} requests at a time"
        yield from _to_function(source, field(resource, "function_name"), "data", label, context)


def _to_function(source: Resource, at: Field, flow: str, label: str, context: Context) -> Iterator[Piece]:
    for found in follow(context.graph, at, FUNCTION, ALIAS).resources:
        yield Edge(source.name, found.name, "traffic" if flow == "traffic" else "data", label)


PAINTERS: Painters = {FUNCTION: function, _URL: url, _API: api, _MAPPING: mapping}
