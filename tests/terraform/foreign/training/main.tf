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

  default_tags {
    tags = {
      Environment = "dev"
      Owner       = "research"
    }
  }
}

# Training and notebooks of a team's playground; only the provider's tags say that it is one.
variable "researchers" {
  type    = list(string)
  default = ["ada", "grace"]
}

resource "aws_iam_role" "research" {
  name = "research"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "sagemaker.amazonaws.com" }
    }]
  })
}

resource "aws_sagemaker_pipeline" "fine_tuning" {
  pipeline_name         = "fine-tuning"
  pipeline_display_name = "fine-tuning"
  role_arn              = "arn:aws:iam::123456789012:role/research"

  pipeline_definition = jsonencode({
    Version = "2020-12-01"
    Steps = [{
      Name = "train"
      Type = "Training"
      Arguments = {
        AlgorithmSpecification    = { TrainingImage = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/train:2", TrainingInputMode = "File" }
        ResourceConfig            = { InstanceType = "ml.g5.2xlarge", InstanceCount = 1, VolumeSizeInGB = 100 }
        StoppingCondition         = { MaxRuntimeInSeconds = 7200, MaxWaitTimeInSeconds = 9000 }
        OutputDataConfig          = { S3OutputPath = "s3://acme-models/" }
        RoleArn                   = "arn:aws:iam::123456789012:role/research"
        EnableManagedSpotTraining = true
      }
    }]
  })
}

# A definition that refers to a role of this plan is not known before that exists.
resource "aws_sagemaker_pipeline" "later" {
  pipeline_name         = "later"
  pipeline_display_name = "later"
  role_arn              = aws_iam_role.research.arn

  pipeline_definition = jsonencode({
    Version = "2020-12-01"
    Steps   = [{ Name = "train", Type = "Training", Arguments = { RoleArn = aws_iam_role.research.arn } }]
  })
}

resource "aws_sagemaker_notebook_instance" "desk" {
  count = length(var.researchers)

  name                   = var.researchers[count.index]
  role_arn               = aws_iam_role.research.arn
  instance_type          = count.index == 0 ? "ml.t3.medium" : "ml.p3.2xlarge"
  root_access            = count.index == 0 ? "Enabled" : "Disabled"
  direct_internet_access = "Enabled"
  volume_size            = 20
}
