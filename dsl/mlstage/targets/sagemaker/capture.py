"""Requests and answers kept in S3, and compared with what the model was trained on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.catalog.instances import instance
from mlstage.diagnostics import Diagnostic
from mlstage.graph import Ref, Resource, Value
from mlstage.spec.capture import DataCapture, DataQuality
from mlstage.spec.endpoints import RealtimeEndpoint
from mlstage.spec.per_stage import known
from mlstage.spec.text import seconds
from mlstage.targets import iam
from mlstage.targets.base import Blame
from mlstage.targets.images import monitor_image
from mlstage.targets.logs import write_job_logs
from mlstage.targets.network import security_groups, subnets
from mlstage.targets.place import Place
from mlstage.targets.sagemaker import checks

_CSV: Final = ("text/csv",)
_JSON: Final = ("application/json",)
_INPUT: Final = "/opt/ml/processing/endpointdata"
_OUTPUT: Final = "/opt/ml/processing/resultdata"
_VOLUME_GB: Final = 20
_NAME: Final = 63  # botocore 1.44.5, sagemaker: MonitoringJobDefinitionName


def check(blame: Blame, spec: RealtimeEndpoint) -> Iterator[Diagnostic]:
    """Yield what AWS refuses of data capture and monitoring."""
    kept = known(spec.capture)
    monitor = known(kept.monitor) if kept else None
    if monitor is None:
        return
    if known(spec.models) is not None:
        what = "AWS monitors endpoints of one model only, and this one serves many"
        yield blame("AWS143", "capture.monitor", what, "leave `monitor` out: the capture itself works")
    yield from checks.instance_type(blame, "capture.monitor.instance", known(monitor.instance), "processing")
    if known(monitor.schedule).startswith("rate("):
        what = "a monitoring schedule is an hourly or daily cron expression"
        yield blame("AWS143", "capture.monitor.schedule", what, '"cron(0 * ? * * *)" for every hour')
    if monitor_image(blame.place.region) is None:
        what = f"AWS does not hold its monitoring image in {blame.place.region}"
        yield blame("AWS131", "capture.monitor", what, "leave `monitor` out, or a stack in another region")


def configuration(place: Place, kept: DataCapture) -> dict[str, Value]:
    """Write what is captured as a configuration takes it."""
    return {
        "enable_capture": True,
        "initial_sampling_percentage": known(kept.percent),
        "destination_s3_uri": known(kept.to),
        "kms_key_id": place.key_arn,
        "capture_options": ({"capture_mode": "Input"}, {"capture_mode": "Output"}),
        # Without it SageMaker keeps every body in base64, which a monitor cannot read.
        "capture_content_type_header": {"csv_content_types": _CSV, "json_content_types": _JSON},
    }


def monitoring(place: Place, spec: RealtimeEndpoint, kept: DataCapture, endpoint: Resource) -> tuple[Resource, ...]:
    """Make the job that compares captured requests with a baseline, and its schedule."""
    monitor = known(kept.monitor)
    if monitor is None:
        return ()
    role = _role(place, spec, kept, monitor)
    definition = Resource(
        place.name(spec.name, "data-quality"),
        "aws.sagemaker.DataQualityJobDefinition",
        {
            "name": place.physical(spec.formerly or spec.name, "data-quality", limit=_NAME),
            "role_arn": role.arn,
            "data_quality_app_specification": {"image_uri": monitor_image(place.region)},
            "data_quality_baseline_config": {
                "constraints_resource": {"s3_uri": _beside(monitor, "constraints.json")},
                "statistics_resource": {"s3_uri": _beside(monitor, "statistics.json")},
            },
            "data_quality_job_input": {
                "endpoint_input": {"endpoint_name": Ref(endpoint.name, "name"), "local_path": _INPUT}
            },
            "data_quality_job_output_config": {
                "kms_key_id": place.key_arn,
                "monitoring_outputs": {"s3_output": {"s3_uri": known(monitor.output), "local_path": _OUTPUT}},
            },
            "job_resources": {"cluster_config": _machine(place, known(monitor.instance))},
            "network_config": _network(place),
            "stopping_condition": {"max_runtime_in_seconds": seconds(known(monitor.max_runtime))},
        },
        (role.policy.name,),
        workload=spec.name,
    )
    schedule = Resource(
        place.name(spec.name, "monitoring"),
        "aws.sagemaker.MonitoringSchedule",
        {
            "name": place.physical(spec.formerly or spec.name, "monitoring", limit=_NAME),
            "monitoring_schedule_config": {
                "monitoring_job_definition_name": Ref(definition.name, "name"),
                "monitoring_type": "DataQuality",
                "schedule_config": {"schedule_expression": known(monitor.schedule)},
            },
        },
        workload=spec.name,
    )
    return (*role.resources, definition, schedule)


def _machine(place: Place, name: str) -> dict[str, Value]:
    facts = instance(name)
    machine: dict[str, Value] = {"instance_count": 1, "instance_type": name, "volume_size_in_gb": _VOLUME_GB}
    if facts is not None and not facts.nvme_gb:
        machine["volume_kms_key_id"] = place.key_arn
    return machine


def _network(place: Place) -> dict[str, Value]:
    network: dict[str, Value] = {"enable_inter_container_traffic_encryption": True}
    if place.network is not None:
        network["vpc_config"] = {"security_group_ids": security_groups(place), "subnets": subnets(place)}
    return network


def _beside(monitor: DataQuality, file: str) -> str:
    return f"{known(monitor.baseline).rstrip('/')}/{file}"


def _role(place: Place, spec: RealtimeEndpoint, kept: DataCapture, monitor: DataQuality) -> iam.Role:
    statements = [
        *iam.read_objects(place, "Captured", [known(kept.to), known(monitor.baseline)]),
        *iam.write_objects(place, "Reports", [known(monitor.output)]),
        *iam.pull_images(place, [monitor_image(place.region) or ""]),
        *write_job_logs(place, "/aws/sagemaker/ProcessingJobs", "*"),
        *iam.publish_metrics(),
        *iam.use_key(place, volumes=True),
        *iam.join_network(place),
    ]
    about = f"Monitoring of {place.environment}/{spec.name}"
    return iam.role(place, spec.name, "monitoring-role", "sagemaker", statements, about)
