"""What is measured: a Terraform plan of the real provider, and a Pulumi program, of as many resources as wanted."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from mlstage.offline.errors import OfflineError
from mlstage.offline.terraform import find_terraform

# Ten resources around an endpoint, as a plain Terraform user writes them.
_ENDPOINT = """
resource "aws_iam_role" "role_N" {
  name = "role-N"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "sagemaker.amazonaws.com" } }]
  })
}
resource "aws_iam_role_policy" "access_N" {
  role = aws_iam_role.role_N.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["s3:GetObject"], Resource = "arn:aws:s3:::models-N/*" }]
  })
}
resource "aws_kms_key" "key_N" {
  enable_key_rotation = true
}
resource "aws_sagemaker_model" "model_N" {
  execution_role_arn = aws_iam_role.role_N.arn
  primary_container {
    image          = "123456789012.dkr.ecr.us-east-1.amazonaws.com/model:1"
    model_data_url = "s3://models-N/model.tar.gz"
  }
}
resource "aws_sagemaker_endpoint_configuration" "config_N" {
  kms_key_arn = aws_kms_key.key_N.arn
  production_variants {
    variant_name           = "main"
    model_name             = aws_sagemaker_model.model_N.name
    instance_type          = "ml.m5.xlarge"
    initial_instance_count = 2
  }
}
resource "aws_sagemaker_endpoint" "endpoint_N" {
  name                 = "endpoint-N"
  endpoint_config_name = aws_sagemaker_endpoint_configuration.config_N.name
}
resource "aws_appautoscaling_target" "scaling_N" {
  service_namespace  = "sagemaker"
  scalable_dimension = "sagemaker:variant:DesiredInstanceCount"
  resource_id        = "endpoint/${aws_sagemaker_endpoint.endpoint_N.name}/variant/main"
  min_capacity       = 2
  max_capacity       = 8
}
resource "aws_appautoscaling_policy" "tracking_N" {
  name               = "tracking-N"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.scaling_N.service_namespace
  scalable_dimension = aws_appautoscaling_target.scaling_N.scalable_dimension
  resource_id        = aws_appautoscaling_target.scaling_N.resource_id
  target_tracking_scaling_policy_configuration {
    target_value = 600
    predefined_metric_specification {
      predefined_metric_type = "SageMakerVariantInvocationsPerInstance"
    }
  }
}
resource "aws_cloudwatch_log_group" "log_N" {
  name              = "/aws/sagemaker/Endpoints/endpoint-N"
  retention_in_days = 30
}
resource "aws_cloudwatch_metric_alarm" "alarm_N" {
  alarm_name          = "errors-N"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  namespace           = "AWS/SageMaker"
  metric_name         = "Invocation5XXErrors"
  period              = 60
  statistic           = "Sum"
  threshold           = 1
  dimensions          = { EndpointName = aws_sagemaker_endpoint.endpoint_N.name, VariantName = "main" }
}
"""
_PROVIDER = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  default_tags {
    tags = { Owner = "ml", Environment = "shop", Stage = "prod" }
  }
  region                      = "us-east-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  skip_region_validation      = true
}
"""

# Ten resources around an endpoint, as a careful engineer writes them: what a pack costs where it mostly agrees.
PREVIEW_PROGRAM = """\
import json

import pulumi
import pulumi_aws as aws

TAGS = {"owner": "ml", "environment": "shop", "stage": "prod"}
TRUST = json.dumps({
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
})
ACCESS = json.dumps({
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::models/*"}],
})
for n in range(COUNT):
    role = aws.iam.Role(f"role-{n}", assume_role_policy=TRUST, tags=TAGS)
    aws.iam.RolePolicy(f"access-{n}", role=role.id, policy=ACCESS)
    key = aws.kms.Key(f"key-{n}", enable_key_rotation=True, tags=TAGS)
    aws.cloudwatch.LogGroup(f"log-{n}", name=f"/aws/sagemaker/Endpoints/endpoint-{n}", retention_in_days=30, tags=TAGS)
    model = aws.sagemaker.Model(
        f"model-{n}",
        execution_role_arn=role.arn,
        primary_container={
            "image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/model:1",
            "model_data_url": "s3://models/model.tar.gz",
        },
        tags=TAGS,
    )
    config = aws.sagemaker.EndpointConfiguration(
        f"config-{n}",
        kms_key_arn=key.arn,
        production_variants=[{
            "variant_name": "main",
            "model_name": model.name,
            "instance_type": "ml.m5.xlarge",
            "initial_instance_count": 2,
        }],
        data_capture_config={
            "enable_capture": True,
            "initial_sampling_percentage": 10,
            "destination_s3_uri": "s3://models/captured",
            "capture_options": [{"capture_mode": "Input"}],
        },
        tags=TAGS,
    )
    alarm = aws.cloudwatch.MetricAlarm(
        f"alarm-{n}",
        name=f"errors-{n}",
        comparison_operator="GreaterThanThreshold",
        evaluation_periods=1,
        namespace="AWS/SageMaker",
        metric_name="Invocation5XXErrors",
        period=60,
        statistic="Sum",
        threshold=1,
        dimensions={"EndpointName": f"endpoint-{n}", "VariantName": "main"},
        tags=TAGS,
    )
    endpoint = aws.sagemaker.Endpoint(
        f"endpoint-{n}",
        name=f"endpoint-{n}",
        endpoint_config_name=config.name,
        deployment_config={
            "blue_green_update_policy": {
                "traffic_routing_configuration": {"type": "ALL_AT_ONCE", "wait_interval_in_seconds": 300}
            },
            "auto_rollback_configuration": {"alarms": [{"alarm_name": alarm.name}]},
        },
        tags=TAGS,
    )
    target = aws.appautoscaling.Target(
        f"scaling-{n}",
        service_namespace="sagemaker",
        scalable_dimension="sagemaker:variant:DesiredInstanceCount",
        resource_id=endpoint.name.apply(lambda name: f"endpoint/{name}/variant/main"),
        min_capacity=2,
        max_capacity=8,
        tags=TAGS,
    )
    aws.appautoscaling.Policy(
        f"tracking-{n}",
        name=f"tracking-{n}",
        policy_type="TargetTrackingScaling",
        service_namespace=target.service_namespace,
        scalable_dimension=target.scalable_dimension,
        resource_id=target.resource_id,
        target_tracking_scaling_policy_configuration={
            "predefined_metric_specification": {"predefined_metric_type": "SageMakerVariantInvocationsPerInstance"},
            "target_value": 600,
        },
    )
"""


def planned(resources: int, folder: Path) -> Path:
    """Plan about as many resources with the real provider, and save the plan as JSON."""
    folder.mkdir(parents=True)
    text = _PROVIDER + "".join(_ENDPOINT.replace("_N", f"_{n}").replace("-N", f"-{n}") for n in range(resources // 10))
    (folder / "main.tf").write_text(text, encoding="utf-8")
    try:
        terraform = find_terraform()
        terraform.init(folder)
        document = terraform.plan(folder, "-refresh=false")
    except OfflineError as error:
        sys.exit(str(error))
    path = folder / "plan.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


# Ten resources that nearly all are objected to, some of them several times: then the engine has much to print.
REFUSED_PROGRAM = """\
import json

import pulumi_aws as aws

ALL = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
for n in range(COUNT):
    role = aws.iam.Role(f"role-{n}", assume_role_policy="{}")
    aws.iam.RolePolicy(f"access-{n}", role=role.id, policy=ALL)
    container = {
        "image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/model:latest",
        "environment": {"DB_PASSWORD": "correct-horse-staple"},
    }
    model = aws.sagemaker.Model(f"model-{n}", execution_role_arn=role.arn, primary_container=container)
    variant = {"model_name": model.name, "instance_type": "ml.t2.medium", "initial_instance_count": 1}
    config = aws.sagemaker.EndpointConfiguration(f"config-{n}", production_variants=[variant])
    aws.sagemaker.Endpoint(f"endpoint-{n}", endpoint_config_name=config.name)
    for desk in range(5):
        aws.sagemaker.NotebookInstance(f"desk-{n}-{desk}", role_arn=role.arn, instance_type="ml.p3.2xlarge")
"""
