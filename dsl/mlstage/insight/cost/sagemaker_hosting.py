"""SageMaker endpoints: instances, their volumes and data, and serverless variants."""

from __future__ import annotations

from collections.abc import Iterator

from mlstage.catalog.instances import instance
from mlstage.catalog.prices import Price
from mlstage.graph import Resource
from mlstage.insight.calendar import HOURS_A_MONTH
from mlstage.insight.cost.model import NOTHING, Amount, Line, in_words
from mlstage.insight.cost.pricing import (
    Context,
    Pricers,
    at_price,
    count_words,
    counted,
    no_price,
    number,
    priced,
    prop,
    unpriced,
    usage,
)
from mlstage.insight.cost.savings import savings_rate
from mlstage.insight.cost.warm import beyond
from mlstage.insight.facts import Traffic, traffic_of
from mlstage.insight.simulation import Service, at_once
from mlstage.rules.truth import Field
from mlstage.rules.views.endpoints import CONFIGURATION, ENDPOINT
from mlstage.rules.views.links import follow

_SERVICE = "AmazonSageMaker"
_PROVISIONED = "sagemaker:variant:DesiredProvisionedConcurrency"
_INSTANCES = "sagemaker:variant:DesiredInstanceCount"
_SECONDS_A_MONTH = HOURS_A_MONTH * 3600
_KB_A_GB = 1024.0 * 1024.0


def endpoint(resource: Resource, context: Context) -> Iterator[Line]:
    """Price an endpoint by the configuration that it runs on."""
    link = follow(context.graph, prop(resource, "endpoint_config_name"), CONFIGURATION)
    if not link.resources:
        yield unpriced(resource, "endpoint", "its endpoint configuration is not in this graph")
        return
    traffic = traffic_of(context.graph, resource.workload)
    for configuration in link.resources[:1]:
        variants = prop(configuration, "production_variants").items()
        shares = _shares(variants)
        for variant, share in zip(variants, shares, strict=True):
            yield from _variant(resource, variant, _part(traffic, share), context, configuration)
        for shadow in prop(configuration, "shadow_production_variants").items():
            yield from _variant(resource, shadow, traffic, context, configuration, shadow=True)
    yield from _data(resource, traffic, context)


def _shares(variants: tuple[Field, ...]) -> list[float]:
    """Say which part of the traffic each variant gets, by its weight."""
    weights = [1.0 if (weight := variant["initial_variant_weight"].number) is None else weight for variant in variants]
    whole = sum(weights)
    return [weight / whole if whole else 0.0 for weight in weights]


def _part(traffic: Traffic | None, share: float) -> Traffic | None:
    if traffic is None or share == 1:
        return traffic
    month = traffic.requests_per_month * share
    return Traffic(month, traffic.day, traffic.duration_ms, traffic.request_kb, traffic.response_kb)


def _variant(
    resource: Resource,
    variant: Field,
    traffic: Traffic | None,
    context: Context,
    configuration: Resource,
    *,
    shadow: bool = False,
) -> Iterator[Line]:
    serverless = variant["serverless_config"]
    if serverless.value is not None and serverless.value != ():
        yield from _serverless(resource, variant, serverless, traffic, context)
        return
    name = variant["instance_type"].text
    what = "shadow variant" if shadow else "hosting"
    if name is None:
        yield unpriced(resource, what, f"its instance type is {variant['instance_type'].shown}")
        return
    found = _instances(resource, variant, name, traffic, context, configuration)
    if found is None:
        yield unpriced(resource, f"{name}, {what}", "how many instances there are is not known")
        return
    instances, note, assumed = found
    label = f"{count_words(instances)} x {name}, {what}"
    yield from _hours(resource, name, label, instances, note, assumed, context)
    yield from _volume(resource, variant, name, instances, context)


def _instances(
    resource: Resource,
    variant: Field,
    name: str,
    traffic: Traffic | None,
    context: Context,
    configuration: Resource,
) -> tuple[Amount, str, bool] | None:
    """Give how many instances a variant has, in what words, and whether that is assumed; None where nobody knows."""
    count = counted(variant["initial_instance_count"], 1.0)
    managed = variant["managed_instance_scaling"]
    if managed["status"].text == "ENABLED" and count is not None:
        low, high = counted(managed["min_instance_count"], count), counted(managed["max_instance_count"], count)
        if low is None or high is None:
            return None
        amount = Amount(low, min(max(count, low), high), high)
        return amount, "expected at its first size: SageMaker follows the copies of its inference components", True
    if count is None and not context.scaling.all_of(resource):
        return None
    bounds = context.scaling.bounds(
        resource, 1.0 if count is None else count, variant=variant["variant_name"].text or "", dimension=_INSTANCES
    )
    client = prop(configuration, "async_inference_config")["client_config"]
    slots = number(client["max_concurrent_invocations_per_instance"]) or at_once(name)
    seconds = traffic.duration_ms / 1000 if traffic and traffic.duration_ms else None
    return bounds.amount(traffic, Service(seconds, int(slots)))


def _hours(
    resource: Resource, name: str, what: str, instances: Amount, note: str, assumed: bool, context: Context
) -> Iterator[Line]:
    price = context.book.price(_SERVICE, name, "Hosting")
    if price is None:
        yield unpriced(resource, what, no_price(f"{name} for hosting", context))
        return
    rate, said = savings_rate(resource, "Hosting", price, context)
    notes = in_words(note, said)
    yield priced(resource, what, instances * HOURS_A_MONTH, price, rate=rate, note=notes, assumed=assumed)


def _volume(resource: Resource, variant: Field, name: str, instances: Amount, context: Context) -> Iterator[Line]:
    machine = instance(name)
    if machine is not None and machine.nvme_gb:
        return  # local disks come with the machine
    size = number(variant["volume_size_in_gb"])
    price = context.book.price(_SERVICE, "volume", "Hosting")
    if size is None:
        note = "SageMaker chooses the size of each instance's volume"
        yield usage(resource, "volume of each instance", price, note)
        return
    yield at_price(resource, f"{size:g} GB volume of each instance", instances * size, price)


def _data(resource: Resource, traffic: Traffic | None, context: Context) -> Iterator[Line]:
    price = context.book.price(_SERVICE, "data-processed", "Hosting")
    sizes = [size for size in (traffic.request_kb, traffic.response_kb) if size] if traffic else []
    if traffic is None or not sizes:
        yield usage(resource, "data of requests and answers", price)
        return
    gigabytes = traffic.requests_per_month * sum(sizes) / _KB_A_GB
    yield at_price(resource, "data of requests and answers", Amount(0.0, gigabytes, gigabytes), price)


def _serverless(
    resource: Resource, variant: Field, serverless: Field, traffic: Traffic | None, context: Context
) -> Iterator[Line]:
    memory, most = number(serverless["memory_size_in_mb"]), number(serverless["max_concurrency"])
    if memory is None or most is None:
        yield unpriced(resource, "serverless inference", "its memory or concurrency is not known")
        return
    item = f"serverless-{memory:g}"
    warm = number(serverless["provisioned_concurrency"])
    bounds = context.scaling.bounds(
        resource, warm or 0.0, variant=variant["variant_name"].text or "", dimension=_PROVISIONED
    )
    rate = context.book.price(_SERVICE, item, "Serverless")
    places, kept = NOTHING, rate
    if bounds.high:
        places, note, assumed = bounds.amount(
            traffic, Service(traffic.duration_ms / 1000 if traffic and traffic.duration_ms else None)
        )
        price = context.book.price(_SERVICE, item, "ServerlessProvisioned")
        what = f"{count_words(places)} places of {memory:g} MB kept warm"
        yield at_price(resource, what, places * _SECONDS_A_MONTH, price, note, assumed)
        kept = context.book.price(_SERVICE, item, "ServerlessProvisionedDuration")
    what = f"requests of up to {memory:g} MB"
    if rate is None or kept is None:
        yield unpriced(resource, what, no_price(f"serverless inference with {memory:g} MB", context))
        return
    if traffic is None or traffic.duration_ms is None:
        note = "how long they take needs `expects=Traffic(requests_per_month=…, duration_ms=…)`"
        yield usage(resource, what, kept, note)
        return
    yield from _requests(resource, what, traffic, (places, kept, rate), most)


def _requests(
    resource: Resource, what: str, traffic: Traffic, prices: tuple[Amount, Price, Price], most: float
) -> Iterator[Line]:
    """Price the time of requests; what finds no place that is kept warm is served at the other price."""
    warm, kept, rate = prices
    each = (traffic.duration_ms or 0.0) / 1000
    seconds = min(traffic.requests_per_month * each, most * _SECONDS_A_MONTH)
    spilt = beyond(traffic, each, warm) if warm.high else NOTHING
    note = f"at the most {most:g} requests at once, all the time"
    high = (warm.high or most) * _SECONDS_A_MONTH
    yield priced(resource, what, Amount(0.0, seconds * (1 - spilt.expected), high), kept, note=note)
    if warm.high and most > warm.high:
        more = Amount(0.0, seconds * spilt.expected, (most - warm.high) * _SECONDS_A_MONTH)
        yield priced(resource, f"{what} beyond the places kept warm", more, rate, note=note)


PRICERS: Pricers = {ENDPOINT: endpoint}
