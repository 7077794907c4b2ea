"""SageMaker endpoints: the configuration each runs on, its variants, and what scales them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mlstage.graph import Graph, Join, Resource
from mlstage.rules.truth import Field, Truth, all_of, field
from mlstage.rules.views.links import Link, follow
from mlstage.rules.views.once import once
from mlstage.rules.views.scaling import Scaling, scaling_of

ENDPOINT = "aws.sagemaker.Endpoint"
CONFIGURATION = "aws.sagemaker.EndpointConfiguration"


@dataclass(frozen=True, slots=True)
class Variant:
    """One production variant of an endpoint configuration."""

    at: Field

    @property
    def name(self) -> Field:
        """The variant's name."""
        return self.at["variant_name"]

    @property
    def instance_type(self) -> Field:
        """The machine it runs on; unset for a serverless variant."""
        return self.at["instance_type"]

    @property
    def initial_count(self) -> Field:
        """How many instances it starts with, and returns to after every update."""
        return self.at["initial_instance_count"]

    @property
    def managed_scaling(self) -> Field:
        """SageMaker's own scaling of the instances, for endpoints of inference components."""
        return self.at["managed_instance_scaling"]

    @property
    def on_instances(self) -> Truth:
        """Whether it runs on instances, rather than serverless."""
        return self.at["serverless_config"].is_absent() & self.instance_type.is_given()


@dataclass(frozen=True, slots=True)
class Configuration:
    """An endpoint configuration."""

    resource: Resource

    @property
    def is_async(self) -> Truth:
        """Whether callers fetch their answers later, from S3."""
        return field(self.resource, "async_inference_config").is_given()

    @property
    def key(self) -> Field:
        """The KMS key of the storage volumes."""
        return field(self.resource, "kms_key_arn")

    def variants(self) -> Iterator[Variant]:
        """Yield the production variants; shadow variants serve nobody."""
        for item in field(self.resource, "production_variants").items():
            yield Variant(item)

    def shadows(self) -> Iterator[Variant]:
        """Yield the shadow variants, which run on machines like all others."""
        for item in field(self.resource, "shadow_production_variants").items():
            yield Variant(item)


@dataclass(frozen=True, slots=True)
class Served:
    """One variant as one endpoint runs it."""

    configuration: Configuration
    variant: Variant
    targets: tuple[Resource, ...]
    is_scaled: Truth

    @property
    def minimum(self) -> Field:
        """The least number of instances that serve: auto-scaling's minimum where it scales, else the initial count."""
        if self.targets and self.is_scaled.value:
            return field(self.targets[0], "min_capacity")
        managed = self.variant.managed_scaling["min_instance_count"]
        return self.variant.initial_count if managed.value is None else managed


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint, and what serves it."""

    resource: Resource
    link: Link
    served: tuple[Served, ...]

    @property
    def is_realtime(self) -> Truth:
        """Whether callers wait for its answers."""
        if not self.link.resources:
            return self.link.gap()
        return all_of(~Configuration(configuration).is_async for configuration in self.link.resources)


@once
def endpoints(graph: Graph) -> tuple[Endpoint, ...]:
    """Give every endpoint of a graph."""
    return tuple(_endpoints(graph))


def _endpoints(graph: Graph) -> Iterator[Endpoint]:
    scaling = scaling_of(graph, "sagemaker")
    for resource in graph.of(ENDPOINT):
        link = follow(graph, field(resource, "endpoint_config_name"), CONFIGURATION)
        served = (
            _served(scaling, resource, Configuration(configuration), variant)
            for configuration in link.resources
            for variant in Configuration(configuration).variants()
        )
        yield Endpoint(resource, link, tuple(served))


def _served(scaling: Scaling, endpoint: Resource, configuration: Configuration, variant: Variant) -> Served:
    targets = tuple(target for target in scaling.targets(endpoint) if _may_be_of(target, variant))
    managed = variant.managed_scaling.is_given() & ~variant.managed_scaling["status"].is_one_of("DISABLED")
    return Served(configuration, variant, targets, managed | scaling.is_scaled(endpoint, targets))


def _may_be_of(target: Resource, variant: Variant) -> bool:
    """Rule out targets of another variant; one that does not say which is taken for any."""
    value = target.props.get("resource_id")
    text = value if isinstance(value, str) else value.parts[-1] if isinstance(value, Join) and value.parts else None
    found = re.search(r"/variant/(.+)$", text) if isinstance(text, str) else None
    return found is None or variant.name.text is None or found.group(1) == variant.name.text
