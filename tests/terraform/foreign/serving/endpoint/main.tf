variable "name" { type = string }
variable "role_arn" { type = string }
variable "kms_key_arn" { type = string }
variable "instance_type" { type = string }
variable "instances" { type = number }
variable "most" { type = number }

resource "aws_sagemaker_model" "this" {
  name               = var.name
  execution_role_arn = var.role_arn

  primary_container {
    image          = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/${var.name}:1.4"
    model_data_url = "s3://acme-models/${var.name}/model.tar.gz"
  }
}

resource "aws_sagemaker_endpoint_configuration" "this" {
  name_prefix = var.name
  kms_key_arn = var.kms_key_arn

  production_variants {
    variant_name           = "main"
    model_name             = aws_sagemaker_model.this.name
    instance_type          = var.instance_type
    initial_instance_count = var.instances
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_sagemaker_endpoint" "this" {
  name                 = var.name
  endpoint_config_name = aws_sagemaker_endpoint_configuration.this.name
}

resource "aws_appautoscaling_target" "this" {
  count = var.most > 0 ? 1 : 0

  service_namespace  = "sagemaker"
  scalable_dimension = "sagemaker:variant:DesiredInstanceCount"
  resource_id        = "endpoint/${aws_sagemaker_endpoint.this.name}/variant/main"
  min_capacity       = var.instances
  max_capacity       = var.most
}

resource "aws_appautoscaling_policy" "this" {
  count = var.most > 0 ? 1 : 0

  name               = "${var.name}-invocations"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this[0].service_namespace
  scalable_dimension = aws_appautoscaling_target.this[0].scalable_dimension
  resource_id        = aws_appautoscaling_target.this[0].resource_id

  target_tracking_scaling_policy_configuration {
    target_value = 500

    predefined_metric_specification {
      predefined_metric_type = "SageMakerVariantInvocationsPerInstance"
    }
  }
}

output "name" {
  value = aws_sagemaker_endpoint.this.name
}
