"""What every EC2 machine of a workload has in common, whoever starts it: its disk, its tags, the role of its agent."""

from __future__ import annotations

from typing import Final

from mlstage.graph import Value
from mlstage.spec.text import gigabytes_up
from mlstage.targets import iam
from mlstage.targets.place import Place

_ROOT_GB: Final = 100  # ours: images for accelerators have 10 to 20 GB, unpacked twice that
_ROOT_DEVICE: Final = "/dev/xvda"  # of Amazon Linux 2023
_TEMPLATE_NAME: Final = 128  # EC2, CreateLaunchTemplate: LaunchTemplateName
# Version 2 of the metadata service only, and one hop: not from inside a container.
_METADATA: Final[dict[str, Value]] = {
    "http_endpoint": "enabled",
    "http_tokens": "required",
    "http_put_response_hop_limit": 1,
}


def launched(place: Place, workload: str, storage: str | None) -> dict[str, Value]:
    """Give the part of a launch template that keeps data at rest encrypted and the machine's role to itself."""
    disk: dict[str, Value] = {
        "volume_size": gigabytes_up(storage) if storage else _ROOT_GB,
        "volume_type": "gp3",
        "encrypted": "true",
        "delete_on_termination": "true",
    }
    tags = {"Name": place.physical(workload, limit=255), **place.tags(workload)}
    return {
        "name": place.physical(workload, "machines", limit=_TEMPLATE_NAME),
        "metadata_options": _METADATA,
        "monitoring": {"enabled": True},
        "block_device_mappings": ({"device_name": _ROOT_DEVICE, "ebs": disk},),
        "tag_specifications": tuple({"resource_type": kind, "tags": tags} for kind in ("instance", "volume")),
        "update_default_version": True,
    }


def agent_role(
    place: Place, workload: str, cluster: iam.Arn, instances: iam.Arn, condition: dict[str, Value] | None = None
) -> iam.Role:
    """Make the role of the ECS agent: it joins one cluster, and works there under `condition`."""
    of_cluster = [
        "ecs:DeregisterContainerInstance",
        "ecs:RegisterContainerInstance",
        "ecs:SubmitAttachmentStateChanges",
        "ecs:SubmitContainerStateChange",
        "ecs:SubmitTaskStateChange",
    ]
    of_instance = ["ecs:Poll", "ecs:StartTelemetrySession", "ecs:UpdateContainerInstancesState", "ecs:TagResource"]
    statements = [
        iam.allow("JoinCluster", of_cluster, [cluster]),
        iam.allow("WorkInCluster", of_instance, [instances], condition),
        iam.allow("FindEcs", ["ecs:DiscoverPollEndpoint"], ["*"]),
    ]
    about = f"Machines of {place.environment}/{workload}"
    return iam.role(place, workload, "machine-role", "ec2", statements, about, any_source=True)
