"""Real-time endpoints: model, configuration, endpoint, auto-scaling.

Configurations and models are immutable in AWS: their names carry a hash of what they hold, so a change makes a new one
before the old one goes, while the endpoint keeps the name that callers know.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.catalog.instances import instance
from mlstage.diagnostics import Diagnostic
from mlstage.graph import Options, Ref, Resource, Value, join
from mlstage.resolve import Resolved
from mlstage.spec.per_stage import known
from mlstage.spec.purchase import Spot
from mlstage.spec.scaling import Autoscale, ConcurrentRequests, CpuUtilization, InvocationsPerInstance
from mlstage.spec.text import gigabytes_up, milliseconds, seconds
from mlstage.spec.workloads import RealtimeEndpoint
from mlstage.targets import iam
from mlstage.targets.base import Blame
from mlstage.targets.logs import log_group, write_logs
from mlstage.targets.place import Place
from mlstage.targets.sagemaker import checks
from mlstage.targets.sagemaker.instances import instances_of
from mlstage.targets.sagemaker.models import HostedModel, hosted_model, time_outs

VARIANT: Final = "AllTraffic"
_CONFIG_NAME: Final = 63 - 9


def check(workload: Resolved[RealtimeEndpoint], blame: Blame) -> Iterator[Diagnostic]:
    """Yield what SageMaker refuses of a real-time endpoint."""
    spec = workload.workload
    on = instances_of(spec)
    name = known(on.instance)
    facts = instance(name)
    scaling = known(spec.replicas)
    scales = isinstance(scaling, Autoscale)
    yield from checks.instance_type(blame, "on.instance", name, "hosting", burstable=not scales)
    yield from checks.model(blame, "model", known(spec.model), facts)
    if facts is None:
        return
    if known(on.volume) is not None:
        yield from checks.volume(blame, "on.volume", facts)
    if facts.burstable and scales and "hosting" in facts.uses:
        steady = checks.alternatives(facts, "hosting", burstable=False)
        what = f"{name} is burstable, and SageMaker does not auto-scale burstable instances"
        yield blame("AWS103", "replicas", what, f"a number of replicas, or an instance such as {steady}")
    if isinstance(scaling, Autoscale) and known(scaling.min) < 1:
        what = "a real-time endpoint cannot scale to 0: `min` is 0"
        yield blame("AWS114", "replicas.min", what, "min=1, or an endpoint that can wait for an instance")


def lower(workload: Resolved[RealtimeEndpoint], place: Place) -> tuple[Resource, ...]:
    """Turn a real-time endpoint into its resources."""
    spec = workload.workload
    kept = spec.formerly or spec.name  # a renamed workload keeps its names in AWS, and so its resources
    endpoint_name = place.physical(kept)
    logs = log_group(place, spec.name, f"/aws/sagemaker/Endpoints/{endpoint_name}")
    extra = [*write_logs([join(Ref(logs.name, "arn"), ":log-stream:*")]), *iam.use_key(place)]
    facts = instance(known(instances_of(spec).instance))
    hosted = hosted_model(place, spec.name, kept, known(spec.model), facts, extra)
    config = _configuration(spec, place, hosted, kept)
    endpoint = _endpoint(spec, place, config, endpoint_name, logs)
    scaling = known(spec.replicas)
    scaled = _scaling(spec, place, scaling, endpoint) if isinstance(scaling, Autoscale) else ()
    return (logs, *hosted.resources, config, endpoint, *scaled, *_latency_alarm(spec, place, endpoint))


def _configuration(spec: RealtimeEndpoint, place: Place, hosted: HostedModel, kept: str) -> Resource:
    on, replicas = instances_of(spec), known(spec.replicas)
    facts = instance(known(on.instance))
    variant: dict[str, Value] = {
        "variant_name": VARIANT,
        "model_name": Ref(hosted.model.name, "name"),
        "instance_type": known(on.instance),
        # An update resets capacity to this number; auto-scaling's minimum is the least that is ever right.
        "initial_instance_count": known(replicas.min) if isinstance(replicas, Autoscale) else replicas,
        **time_outs(known(spec.model)),
    }
    if volume := known(on.volume):
        variant["volume_size_in_gb"] = gigabytes_up(volume)
    props: dict[str, Value] = {
        "name": place.physical(kept, limit=_CONFIG_NAME),
        "production_variants": (variant,),
    }
    if facts is not None and not facts.nvme_gb:  # SageMaker refuses a key where the disks encrypt themselves
        props["kms_key_arn"] = place.key_arn
    return Resource(place.name(spec.name, "config"), "aws.sagemaker.EndpointConfiguration", props, workload=spec.name)


def _endpoint(spec: RealtimeEndpoint, place: Place, config: Resource, name: str, logs: Resource) -> Resource:
    props: dict[str, Value] = {"name": name, "endpoint_config_name": Ref(config.name, "name")}
    if isinstance(known(spec.purchase), Spot):
        props["tags"] = {"mlstage:purchase": "spot"}
    return Resource(
        place.name(spec.name, "endpoint"),
        "aws.sagemaker.Endpoint",
        props,
        # Else SageMaker makes the log group itself, without retention.
        (logs.name,),
        options=Options(
            confirm=("endpoint_config_name",),
            locked={VARIANT: known(instances_of(spec).instance)},
            trigger="instances",
            delete_before_replace=True,
        ),
        workload=spec.name,
    )


def _scaling(spec: RealtimeEndpoint, place: Place, scaling: Autoscale, endpoint: Resource) -> tuple[Resource, ...]:
    target = Resource(
        place.name(spec.name, "scaling-target"),
        "aws.appautoscaling.Target",
        {
            "service_namespace": "sagemaker",
            "scalable_dimension": "sagemaker:variant:DesiredInstanceCount",
            "resource_id": join("endpoint/", Ref(endpoint.name, "name"), f"/variant/{VARIANT}"),
            "min_capacity": known(scaling.min),
            "max_capacity": known(scaling.max),
        },
        options=Options(locks=endpoint.name),
        workload=spec.name,
    )
    tracking: dict[str, Value] = {
        **_metric(spec, scaling, endpoint),
        "scale_in_cooldown": seconds(known(scaling.scale_in_cooldown)),
        "scale_out_cooldown": seconds(known(scaling.scale_out_cooldown)),
    }
    policy = Resource(
        place.name(spec.name, "scaling-policy"),
        "aws.appautoscaling.Policy",
        {
            "name": place.physical(spec.name, "tracking", limit=255),
            "policy_type": "TargetTrackingScaling",
            "service_namespace": Ref(target.name, "service_namespace"),
            "scalable_dimension": Ref(target.name, "scalable_dimension"),
            "resource_id": Ref(target.name, "resource_id"),
            "target_tracking_scaling_policy_configuration": tracking,
        },
        workload=spec.name,
    )
    return target, policy


def _metric(spec: RealtimeEndpoint, scaling: Autoscale, endpoint: Resource) -> dict[str, Value]:
    metric = known(scaling.target)
    match metric:
        case InvocationsPerInstance():
            predefined = "SageMakerVariantInvocationsPerInstance"
        case ConcurrentRequests():
            predefined = "SageMakerVariantConcurrentRequestsPerModelHighResolution"
        case CpuUtilization():
            return _cpu(known(instances_of(spec).instance), metric.value, endpoint)
        case _:
            raise TypeError(f"{metric!r} is refused by the check")
    return {
        "predefined_metric_specification": {"predefined_metric_type": predefined},
        "target_value": metric.value,
    }


def _cpu(instance_type: str, percent: float, endpoint: Resource) -> dict[str, Value]:
    facts = instance(instance_type)
    vcpu = facts.vcpu if facts else 1
    return {
        "customized_metric_specification": {
            "metric_name": "CPUUtilization",
            "namespace": "/aws/sagemaker/Endpoints",
            "statistic": "Average",
            "dimensions": (
                {"name": "EndpointName", "value": Ref(endpoint.name, "name")},
                {"name": "VariantName", "value": VARIANT},
            ),
        },
        # SageMaker's CPUUtilization is the sum over the vCPUs: 0 to 400 on an instance with four of them.
        "target_value": percent * vcpu,
    }


def _latency_alarm(spec: RealtimeEndpoint, place: Place, endpoint: Resource) -> tuple[Resource, ...]:
    target = known(spec.p95_latency)
    if target is None:
        return ()
    name = place.name(spec.name, "latency-alarm")
    alarm = Resource(
        name,
        "aws.cloudwatch.MetricAlarm",
        {
            "name": place.physical(spec.name, "p95-latency", limit=255),
            "alarm_description": f"95 % of the requests to {spec.name} take the model longer than {target}",
            "namespace": "AWS/SageMaker",
            "metric_name": "ModelLatency",
            "dimensions": {"EndpointName": Ref(endpoint.name, "name"), "VariantName": VARIANT},
            "extended_statistic": "p95",
            "period": 60,
            "evaluation_periods": 5,
            "comparison_operator": "GreaterThanThreshold",
            "threshold": milliseconds(target) * 1000,
            "treat_missing_data": "notBreaching",
        },
        options=Options(comment="ModelLatency is in microseconds."),
        workload=spec.name,
    )
    return (alarm,)
