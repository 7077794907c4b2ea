"""A graph written by hand: one endpoint with autoscaling, a scheduled pipeline and what they share."""

from __future__ import annotations

from mlstage.graph import ConfigSecret, Graph, Group, JsonDocument, Options, Ref, Resource, Value, join

ENVIRONMENT = "fraud-detection"
TAGS = {"mlstage:environment": ENVIRONMENT, "mlstage:owner": "payments-ml", "mlstage:stack": "prod"}


def tags(workload: str) -> dict[str, Value]:
    return {**TAGS, "mlstage:workload": workload}


def assume(service: str) -> JsonDocument:
    return JsonDocument(
        {
            "Version": "2012-10-17",
            "Statement": (
                {
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"Service": service},
                    "Condition": {"StringEquals": {"aws:SourceAccount": Ref("account", "account_id")}},
                },
            ),
        }
    )


def allow(*statements: Value) -> JsonDocument:
    return JsonDocument({"Version": "2012-10-17", "Statement": statements})


def shared() -> tuple[Resource, ...]:
    return (
        Resource("account", "aws.get_caller_identity", {}),
        Resource(
            "fraud-detection-key",
            "aws.kms.Key",
            {"description": 'Encrypts "fraud-detection" at rest', "enable_key_rotation": True, "tags": dict(TAGS)},
            options=Options(protect=True, comment="Losing this key is losing the data that it encrypts."),
        ),
    )


def scorer() -> tuple[Resource, ...]:
    name = "fraud-detection-scorer"
    return (
        Resource(
            f"{name}-role",
            "aws.iam.Role",
            {"assume_role_policy": assume("sagemaker.amazonaws.com"), "tags": tags("scorer")},
            workload="scorer",
        ),
        Resource(
            f"{name}-policy",
            "aws.iam.RolePolicy",
            {
                "role": Ref(f"{name}-role", "id"),
                "policy": allow(
                    {"Effect": "Allow", "Action": ("s3:GetObject",), "Resource": ("arn:aws:s3:::acme/fraud/*",)},
                    {"Effect": "Allow", "Action": ("ecr:GetAuthorizationToken",), "Resource": "*"},
                ),
            },
            options=Options(comment="GetAuthorizationToken takes no resource: AWS offers nothing narrower than *."),
            workload="scorer",
        ),
        Resource(
            f"{name}-model",
            "aws.sagemaker.Model",
            {
                "name": "fraud-detection-prod-scorer-1a2b3c4d",
                "execution_role_arn": Ref(f"{name}-role", "arn"),
                "enable_network_isolation": True,
                "primary_container": {
                    "image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud-xgboost:1.7-1",
                    "model_data_url": "s3://acme-ml-models/fraud/2026-11-01/model.tar.gz",
                },
                "tags": tags("scorer"),
            },
            depends_on=(f"{name}-policy",),
            workload="scorer",
        ),
        Resource(
            f"{name}-config",
            "aws.sagemaker.EndpointConfiguration",
            {
                "name": "fraud-detection-prod-scorer-5e6f7a8b",
                "kms_key_arn": Ref("fraud-detection-key", "arn"),
                "production_variants": (
                    {
                        "variant_name": "main",
                        "model_name": Ref(f"{name}-model", "name"),
                        "instance_type": "ml.m5.xlarge",
                        "initial_instance_count": 2,
                        "initial_variant_weight": 1.0,
                    },
                ),
                "tags": tags("scorer"),
            },
            workload="scorer",
        ),
        Resource(
            f"{name}-endpoint",
            "aws.sagemaker.Endpoint",
            {
                "name": "fraud-detection-prod-scorer",
                "endpoint_config_name": Ref(f"{name}-config", "name"),
                "tags": tags("scorer"),
            },
            options=Options(aliases=("fraud-detection-score",), ignore_changes=("deployment_config",)),
            workload="scorer",
        ),
        Resource(
            f"{name}-scaling",
            "aws.appautoscaling.Target",
            {
                "service_namespace": "sagemaker",
                "scalable_dimension": "sagemaker:variant:DesiredInstanceCount",
                "resource_id": join("endpoint/", Ref(f"{name}-endpoint", "name"), "/variant/main"),
                "min_capacity": 2,
                "max_capacity": 8,
                "tags": tags("scorer"),
            },
            workload="scorer",
        ),
    )


def training() -> tuple[Resource, ...]:
    name = "fraud-detection-nightly-training"
    return (
        Resource(
            name,
            "aws.iam.Role",
            {"assume_role_policy": assume("scheduler.amazonaws.com"), "tags": tags("nightly-training")},
            workload="nightly-training",
        ),
        Resource(
            f"{name}-alarm",
            "aws.sns.Topic",
            {
                "display_name": ConfigSecret("pager"),
                "policy": JsonDocument({"Sid": join("${aws:x}-", Ref("account", "account_id"))}),
                "tags": {**tags("nightly-training"), "mlstage:owner": "on-call"},
            },
            workload="nightly-training",
        ),
    )


def sample() -> Graph:
    return Graph(
        resources=(*scorer(), *training(), *shared()),
        environment=ENVIRONMENT,
        stack="prod",
        tier="production",
        region="us-east-1",
        groups=(
            Group("scorer", "RealtimeEndpoint", "SageMaker"),
            Group("nightly-training", "Training", "SageMaker"),
        ),
        exports={"fraud-detection-scorer-endpoint": Ref("fraud-detection-scorer-endpoint", "name")},
    )
