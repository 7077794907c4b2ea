"""What stands around the machines: networks, load balancers, keys, logs, alarms, queues, APIs, storage."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.catalog.prices import Price
from mlstage.graph import Resource
from mlstage.insight.calendar import HOURS_A_MONTH
from mlstage.insight.cost.model import Amount, Line
from mlstage.insight.cost.pricing import (
    Context,
    Pricer,
    Pricers,
    at_price,
    by_tiers,
    dollars,
    listed,
    number,
    prop,
    unpriced,
    usage,
)
from mlstage.insight.facts import traffic_of

_MONTH: Final = Amount.exactly(HOURS_A_MONTH)
_ONE: Final = Amount.exactly(1.0)


def vpc_endpoint(resource: Resource, context: Context) -> Iterator[Line]:
    """Price an interface endpoint in each of its zones; gateways cost nothing."""
    kind = prop(resource, "vpc_endpoint_type")
    if kind.value in (None, "Gateway"):
        return
    if kind.text != "Interface":
        yield unpriced(resource, f"{kind.text or 'an'} endpoint", "no price is known, or not which kind it is")
        return
    zones = listed(prop(resource, "subnet_ids"))
    hours = context.book.price("AmazonVPC", "interface-endpoint", "Hours")
    if not zones:
        yield unpriced(resource, "interface endpoint", "how many zones it is in is not known")
        return
    yield at_price(resource, f"interface endpoint in {zones} zones", _MONTH * zones, hours)
    yield usage(resource, "data through the endpoint", context.book.price("AmazonVPC", "interface-endpoint", "Data"))


def nat_gateway(resource: Resource, context: Context) -> Iterator[Line]:
    """Price a NAT gateway."""
    yield at_price(resource, "NAT gateway", _MONTH, context.book.price("AmazonEC2", "nat-gateway", "Hours"))
    yield usage(resource, "data through NAT", context.book.price("AmazonEC2", "nat-gateway", "Data"))


def address(resource: Resource, context: Context) -> Iterator[Line]:
    """Price a public IPv4 address."""
    yield at_price(resource, "public IPv4 address", _MONTH, context.book.price("AmazonVPC", "public-ipv4", "InUse"))


def balancer(resource: Resource, context: Context) -> Iterator[Line]:
    """Price a load balancer; one on the internet has a public address in each zone."""
    kind = prop(resource, "load_balancer_type").text or "application"
    if kind not in ("application", "network"):
        yield unpriced(resource, f"{kind} load balancer", "no price is known")
        return
    yield at_price(resource, f"{kind} load balancer", _MONTH, context.book.price("AWSELB", kind, "Hours"))
    yield usage(resource, "load balancer capacity units", context.book.price("AWSELB", kind, "LCU"))
    if prop(resource, "internal").value is not True:
        yield from _public_addresses(resource, context)


def _public_addresses(resource: Resource, context: Context) -> Iterator[Line]:
    """Price a public address in each zone; those that are brought along as Elastic IPs are priced by themselves."""
    zones, mapped = listed(prop(resource, "subnets")), listed(prop(resource, "subnet_mappings"))
    if zones is None or mapped is None:
        yield unpriced(resource, "public IPv4 addresses", "how many zones it is in is not known")
        return
    zones += sum(one["allocation_id"].value is None for one in prop(resource, "subnet_mappings").items())
    if zones:
        price = context.book.price("AmazonVPC", "public-ipv4", "InUse")
        yield at_price(resource, f"public IPv4 addresses in {zones} zones", _MONTH * zones, price)


def key(resource: Resource, context: Context) -> Iterator[Line]:
    """Price a KMS key."""
    yield at_price(resource, "KMS key", _ONE, context.book.price("AWSKMS", "key", "Standard"))


def alarm(resource: Resource, context: Context) -> Iterator[Line]:
    """Price an alarm by the metrics that it watches."""
    queries = [one for one in prop(resource, "metric_queries").items() if one["metric"].value is not None]
    metrics = max(1, len(queries))
    if prop(resource, "threshold_metric_id").value is not None:
        metrics *= 3  # a metric and both sides of its expected band (aws.amazon.com/cloudwatch/pricing)
    periods = [number(one["metric"]["period"]) for one in queries] or [number(prop(resource, "period"))]
    quick = any(period is not None and period < 60 for period in periods)
    price = context.book.price("AmazonCloudWatch", "alarm", "HighResolution" if quick else "Standard")
    yield at_price(resource, "alarm" if metrics == 1 else f"alarm on {metrics} metrics", _ONE * metrics, price)


def counted(resource: Resource, _context: Context) -> Iterator[Line]:
    """Name the metric that a filter counts what it finds in a log with."""
    yield unpriced(resource, "metric of a log", "paid for the hours in which something is counted; no price is known")


def dashboard(resource: Resource, context: Context) -> Iterator[Line]:
    """Price a dashboard."""
    yield at_price(resource, "dashboard", _ONE, context.book.price("AmazonCloudWatch", "dashboard", "Standard"))


def log_group(resource: Resource, context: Context) -> Iterator[Line]:
    """Name what logs cost; how much is logged, nobody knows before."""
    yield usage(resource, "logs written", context.book.price("AmazonCloudWatch", "logs-ingested", "Standard"))
    yield usage(resource, "logs kept", context.book.price("AmazonCloudWatch", "logs-stored", "Standard"))


def http_api(resource: Resource, context: Context) -> Iterator[Line]:
    """Price an HTTP API by the requests that its workload expects."""
    if prop(resource, "protocol_type").text != "HTTP":
        yield unpriced(resource, "API", "no price of WebSocket APIs is known")
        return
    tiers = context.book.tiers("AmazonApiGateway", "http-requests", "Standard")
    traffic = traffic_of(context.graph, resource.workload)
    if traffic is None or not tiers:
        yield usage(resource, "requests to the API", tiers[0] if tiers else None)
        return
    requests = Amount(0.0, traffic.requests_per_month, traffic.requests_per_month)
    yield by_tiers(resource, "requests to the API", requests, tiers)


def cluster(resource: Resource, context: Context) -> Iterator[Line]:
    """Price an EKS cluster's control plane, and name what Auto Mode adds."""
    price = context.book.price("AmazonEKS", "cluster", "Standard")
    later = context.book.price("AmazonEKS", "cluster", "ExtendedSupport")
    note = "while its Kubernetes version has standard support"
    if later is not None and prop(resource, "upgrade_policy")["support_type"].text != "STANDARD":
        note += f"; then {dollars(later.usd)} an hour"
    yield at_price(resource, "EKS control plane", _MONTH, price, note)
    if prop(resource, "compute_config")["enabled"].value is True:
        yield unpriced(resource, "fee of Auto Mode", "on top of each machine; no price of it is known")


def _paid_by_use(what: str, service: str, item: str, component: str) -> Pricer:
    def price(resource: Resource, context: Context) -> Iterator[Line]:
        found: Price | None = context.book.price(service, item, component)
        yield usage(resource, what, found)

    return price


def bucket(resource: Resource, context: Context) -> Iterator[Line]:
    """Name what a bucket costs: what is kept in it, and every request."""
    for what, component in (("storage", "Storage"), ("writing requests", "PutRequests"), ("reads", "GetRequests")):
        yield usage(resource, what, context.book.price("AmazonS3", "standard", component))


def queue(resource: Resource, context: Context) -> Iterator[Line]:
    """Name what a queue's requests cost."""
    kind = "FIFO" if prop(resource, "fifo_queue").value is True else "Standard"
    yield usage(resource, "requests to the queue", context.book.price("AWSQueueService", "requests", kind))


PRICERS: Pricers = {
    "aws.ec2.VpcEndpoint": vpc_endpoint,
    "aws.ec2.NatGateway": nat_gateway,
    "aws.ec2.Eip": address,
    "aws.lb.LoadBalancer": balancer,
    "aws.kms.Key": key,
    "aws.cloudwatch.LogMetricFilter": counted,
    "aws.cloudwatch.MetricAlarm": alarm,
    "aws.cloudwatch.Dashboard": dashboard,
    "aws.cloudwatch.LogGroup": log_group,
    "aws.apigatewayv2.Api": http_api,
    "aws.eks.Cluster": cluster,
    "aws.sqs.Queue": queue,
    "aws.sns.Topic": _paid_by_use("messages to the topic", "AmazonSNS", "requests", "Standard"),
    "aws.s3.Bucket": bucket,
    "aws.ecr.Repository": _paid_by_use("images kept", "AmazonECR", "storage", "Standard"),
    "aws.efs.FileSystem": _paid_by_use("storage", "AmazonEFS", "standard", "Storage"),
}
