terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  skip_region_validation      = true
}

# Endpoints from one module, once for each entry of a map.
variable "endpoints" {
  type = map(object({
    instance_type = string
    instances     = number
    most          = number
  }))
  default = {
    ranker = { instance_type = "ml.m5.xlarge", instances = 2, most = 6 }
    chat   = { instance_type = "ml.g5.xlarge", instances = 2, most = 0 }
    legacy = { instance_type = "ml.t2.medium", instances = 1, most = 0 }
  }
}

resource "aws_kms_key" "models" {
  enable_key_rotation = true
}

resource "aws_iam_role" "models" {
  name               = "models"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["sagemaker.amazonaws.com"]
    }
  }
}

module "endpoint" {
  source   = "./endpoint"
  for_each = var.endpoints

  name          = each.key
  role_arn      = aws_iam_role.models.arn
  kms_key_arn   = each.key == "legacy" ? null : aws_kms_key.models.arn
  instance_type = each.value.instance_type
  instances     = each.value.instances
  most          = each.value.most
}

output "endpoints" {
  value = { for name, one in module.endpoint : name => one.name }
}
