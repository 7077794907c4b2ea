"""What environments find in AWS and do not make: it stands before they are applied, and stays when they are gone."""

from __future__ import annotations

import json
from collections.abc import Iterable

from tests.terraform.aws_server import ACCOUNT


def make_what_is_found(modules: Iterable[str], port: int) -> None:
    """Make the EKS clusters that modules look up, but for those that other tests have made."""
    import boto3  # type: ignore[import-untyped]

    url = f"http://127.0.0.1:{port}"
    key = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
    sought = (json.loads(text).get("data", {}).get("aws_eks_cluster", {}).values() for text in modules)
    names = {one["name"] for several in sought for one in several}
    subnets = boto3.client("ec2", endpoint_url=url, **key).describe_subnets()["Subnets"]
    kubernetes = boto3.client("eks", endpoint_url=url, **key)
    for name in sorted(names - set(kubernetes.list_clusters()["clusters"])):
        kubernetes.create_cluster(
            name=name,
            roleArn=f"arn:aws:iam::{ACCOUNT}:role/{name}",
            resourcesVpcConfig={"subnetIds": [subnet["SubnetId"] for subnet in subnets[:2]]},
        )
