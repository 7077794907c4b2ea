"""Types that a provider has under a second name: the same resource, with the same properties.

`aws.alb` is `aws.lb` in Pulumi as well as in Terraform, and the buckets of `pulumi_aws` 6 carry a `V2`, where what is
deprecated on a bucket itself stands in lists:
https://www.pulumi.com/registry/packages/aws/how-to-guides/7-0-migration/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SECOND_TOKENS: Final[Mapping[str, str]] = {
    "aws:alb/listener:Listener": "aws.lb.Listener",
    "aws:alb/listenerRule:ListenerRule": "aws.lb.ListenerRule",
    "aws:alb/loadBalancer:LoadBalancer": "aws.lb.LoadBalancer",
    "aws:alb/targetGroup:TargetGroup": "aws.lb.TargetGroup",
    "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": (
        "aws.s3.BucketServerSideEncryptionConfiguration"
    ),
    "aws:s3/bucketV2:BucketV2": "aws.s3.Bucket",
}
SECOND_TERRAFORM: Final[Mapping[str, str]] = {
    "aws_alb": "aws.lb.LoadBalancer",
    "aws_alb_listener": "aws.lb.Listener",
    "aws_alb_listener_rule": "aws.lb.ListenerRule",
    "aws_alb_target_group": "aws.lb.TargetGroup",
}
