"""A stack that uses what the repository's environments have no need of: every option, a secret, look-ups with names."""

from __future__ import annotations

from mlstage.graph import ConfigSecret, Graph, Group, JsonDocument, Options, Ref, Resource, join

TAGS = {"mlstage:environment": "options", "mlstage:stack": "prod"}
NAME = "options_prod"


def options() -> Graph:
    """Build the graph."""
    key = Resource(
        "options-key",
        "aws.kms.Key",
        {"description": "kept", "tags": dict(TAGS)},
        options=Options(protect=True, comment="Losing this key is losing data.", aliases=("options-lock",)),
    )
    topic = Resource(
        "options-topic",
        "aws.sns.Topic",
        {"name": "options-topic", "kms_master_key_id": Ref("options-key", "arn"), "tags": {**TAGS, "own": "yes"}},
        options=Options(aliases=("options-alarms", "options-news"), ignore_changes=("tags",)),
        workload="scorer",
    )
    hook = Resource(
        "options-hook",
        "aws.sns.TopicSubscription",
        {"topic": Ref("options-topic", "arn"), "protocol": "https", "endpoint": ConfigSecret("slack:hook")},
        options=Options(delete_before_replace=True),
        workload="scorer",
    )
    function = Resource(
        "options-function",
        "aws.lambda_.Function",
        {
            "name": "options-function",
            "role": "arn:aws:iam::123456789012:role/options",
            "package_type": "Image",
            "image_uri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/options:1",
            "environment": {
                "variables": {
                    "TOKEN": ConfigSecret("pager"),
                    "KEY": Ref("options-key", "arn"),
                    "CLUSTER": Ref("options-cluster", "name"),
                }
            },
            "tags": dict(TAGS),
        },
        depends_on=("options-hook",),
        options=Options(ignore_changes=("image_uri", "environment.variables")),
        workload="scorer",
    )
    cluster = Resource("options-cluster", "aws.eks.get_cluster", {"name": "ml-platform"})
    security = Resource(
        "options-security",
        "aws.ec2.SecurityGroup",
        {
            "name_prefix": "options-",
            "description": "new first",
            "vpc_id": "vpc-12345678",
            "tags": dict(TAGS),
        },
    )
    policy = Resource(
        "options-policy",
        "aws.iam.RolePolicy",
        {
            "name": "options-policy",
            "role": "options",
            "policy": JsonDocument(
                {
                    "Statement": (
                        {
                            "Effect": "Allow",
                            "Action": "sns:Publish",
                            "Resource": (Ref("options-topic", "arn"), join(Ref("options-topic", "arn"), ":*")),
                        },
                    )
                }
            ),
        },
        depends_on=("options-function",),
        workload="scorer",
    )
    target = Resource(
        "options-target",
        "aws.appautoscaling.Target",
        {
            "service_namespace": "lambda",
            "scalable_dimension": "lambda:function:ProvisionedConcurrency",
            "resource_id": join("function:", Ref("options-function", "name"), ":live"),
            "min_capacity": 1,
            "max_capacity": 2,
            "tags": dict(TAGS),
        },
        options=Options(trigger="instances", delete_before_replace=True),
        workload="scorer",
    )
    return Graph(
        (key, topic, hook, function, cluster, security, policy, target),
        environment="options",
        stack="prod",
        tier="production",
        region="us-east-1",
        groups=(Group("scorer", "RealtimeEndpoint"),),
        exports={"options/topic": Ref("options-topic", "arn"), "options/hook": ConfigSecret("slack:hook")},
    )
