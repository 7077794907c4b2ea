"""What moto does otherwise than AWS, and no added answer mends: by type and property, with what it does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# A second plan may want to change these, and only these.
DRIFTS: Final[Mapping[tuple[str, str], str]] = {}
# Not applied, and nothing of its stack: only validated and planned.
REFUSED: Final[Mapping[str, str]] = {
    "aws_batch_compute_environment": "moto wants a service role; AWS has one of its own",
    "aws_ecs_service": "moto forgets its capacity providers and rebalancing: a second plan would replace it",
    "aws_eks_access_entry": "moto has no access entries of EKS",
    "aws_eks_addon": "moto has no add-ons of EKS",
    "aws_eks_pod_identity_association": "moto has no pod identities of EKS",
    "aws_lambda_function": "moto forgets its image's settings: a second plan would publish another version",
}
