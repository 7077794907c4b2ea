"""Lambda functions: whether callers wait for them, and what keeps them warm."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.graph import Graph, Resource
from mlstage.rules.truth import YES, Truth, any_of, field
from mlstage.rules.views.links import Pointers, follow
from mlstage.rules.views.once import once
from mlstage.rules.views.scaling import scaling_of

FUNCTION: Final = "aws.lambda_.Function"
ALIAS: Final = "aws.lambda_.Alias"
PROVISIONED: Final = "aws.lambda_.ProvisionedConcurrencyConfig"
_URL: Final = "aws.lambda_.FunctionUrl"
_INTEGRATION: Final = "aws.apigatewayv2.Integration"
_OF_REST: Final = "aws.apigateway.Integration"


class Functions:
    """The functions of a graph, and what is around them."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.scaling = scaling_of(graph, "lambda")
        self._aliases = Pointers(graph.of(ALIAS), "function_name")
        self._urls = Pointers(graph.of(_URL), "function_name", through=self._aliases)
        self._integrations = Pointers(graph.of(_INTEGRATION), "integration_uri", through=self._aliases)
        self._of_rest = Pointers(graph.of(_OF_REST), "uri", through=self._aliases)
        self._provisioned = Pointers(graph.of(PROVISIONED), "function_name", through=self._aliases)

    def answers_callers(self, function: Resource) -> Truth:
        """Say whether callers wait for it: at a function URL, an HTTP API or a REST API."""
        if self._urls.to(function) or self._integrations.to(function) or self._of_rest.to(function):
            return YES
        open_urls = (field(one, "function_name").gap() for one in self._urls.open)
        open_apis = (field(one, "integration_uri").gap() for one in self._integrations.open)
        return any_of((*open_urls, *open_apis, *(field(one, "uri").gap() for one in self._of_rest.open)))

    def is_kept_warm(self, function: Resource) -> Truth:
        """Say whether provisioned concurrency keeps some places of it warm, fixed or scaled."""
        if self._provisioned.to(function) or self._is_scaled(function).value:
            return YES
        open_ones = (field(one, "function_name").gap() for one in self._provisioned.open)
        return any_of((*open_ones, self._is_scaled(function)))

    def provisioned(self) -> Iterator[tuple[Resource, Truth]]:
        """Yield each fixed provisioned concurrency, and whether a scalable target moves it."""
        for config in self.graph.of(PROVISIONED):
            at = field(config, "function_name")
            link = follow(self.graph, at, FUNCTION, ALIAS)
            if link.resources:
                yield config, any_of(self._is_scaled(self._function_of(one)) for one in link.resources)
            elif at.text is not None:
                # A function of another stack, by its name: a scalable target here may name it likewise.
                yield config, self.scaling.is_registered(Resource("", FUNCTION, {"name": at.text}))
            else:
                yield config, link.gap()

    def _function_of(self, resource: Resource) -> Resource:
        if resource.type == FUNCTION:
            return resource
        found = follow(self.graph, field(resource, "function_name"), FUNCTION).resources
        return found[0] if found else resource

    def _is_scaled(self, function: Resource) -> Truth:
        return any_of(self.scaling.is_registered(one) for one in (function, *self._aliases.to(function)))


functions_of: Final = once(Functions)
