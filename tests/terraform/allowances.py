"""What moto does otherwise than AWS, and no added answer mends: by type and property, with what it does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# A second plan may want to change these, and only these.
DRIFTS: Final[Mapping[tuple[str, str], str]] = {
    ("aws_autoscaling_group", "capacity_reservation_specification"): "answers a preference that nobody gave",
    ("aws_autoscaling_group", "mixed_instances_policy"): "follows the launch template's version",
    ("aws_ecs_service", "availability_zone_rebalancing"): "forgets it",
    ("aws_ecs_service", "capacity_provider_strategy"): "forgets it, so the service would be replaced",
    ("aws_lambda_alias", "function_version"): "follows the function's version",
    ("aws_lambda_event_source_mapping", "function_name"): "answers the function's ARN without the alias",
    ("aws_lambda_function", "image_config"): "forgets it",
    ("aws_launch_template", "default_version"): "follows its other properties",
    ("aws_launch_template", "latest_version"): "follows its other properties",
    ("aws_launch_template", "tag_specifications"): "answers the tags of instances only",
    ("aws_sqs_queue", "redrive_policy"): "answers the number of tries as text",
}
# Not applied, only validated and planned: moto refuses the type.
REFUSED: Final[Mapping[str, str]] = {
    "aws_eks_access_entry": "moto has no access entries of EKS",
    "aws_eks_addon": "moto has no add-ons of EKS",
    "aws_eks_pod_identity_association": "moto has no pod identities of EKS",
}
