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

# Roles and policies, written in each of the ways that people write them.
locals {
  environment = "production"
}

resource "aws_iam_role" "scoring" {
  name = "scoring-${local.environment}"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }]
  })
  tags = { Environment = local.environment }
}

data "aws_iam_policy_document" "models" {
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::acme-models/scoring/*"]
  }
}

data "aws_iam_policy_document" "everything" {
  source_policy_documents = [data.aws_iam_policy_document.models.json]

  statement {
    actions   = ["sagemaker:*"]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "models" {
  name   = "models"
  role   = aws_iam_role.scoring.name
  policy = data.aws_iam_policy_document.models.json
}

resource "aws_iam_policy" "everything" {
  name   = "everything"
  policy = data.aws_iam_policy_document.everything.json
}

resource "aws_iam_role_policy" "heredoc" {
  name   = "heredoc"
  role   = aws_iam_role.scoring.id
  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::acme-models/*"}
    }
  EOT
}

resource "aws_sqs_queue" "work" {
  name                    = "work"
  sqs_managed_sse_enabled = true
}

# Not known before the queue exists: neither right nor wrong.
resource "aws_iam_role_policy" "queue" {
  name = "queue"
  role = aws_iam_role.scoring.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["sqs:SendMessage"], Resource = [aws_sqs_queue.work.arn] }]
  })
}

resource "aws_iam_role_policy_attachment" "managed" {
  for_each = toset(["AmazonSageMakerFullAccess", "CloudWatchReadOnlyAccess"])

  role       = aws_iam_role.scoring.name
  policy_arn = "arn:aws:iam::aws:policy/${each.key}"
}

# The data source is read when the queue exists; what it says of actions stands in the plan.
data "aws_iam_policy_document" "worker" {
  source_policy_documents = [data.aws_iam_policy_document.models.json]

  statement {
    sid       = "Work"
    actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage"]
    resources = [aws_sqs_queue.work.arn, "${aws_sqs_queue.work.arn}-retries"]
  }
  statement {
    sid       = "ScaleOwnMachines"
    actions   = ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"]
    resources = ["*"]
    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/k8s.io/cluster-autoscaler/enabled"
      values   = ["true"]
    }
  }
  statement {
    sid       = "Publish"
    actions   = ["sns:*"]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "worker" {
  name   = "worker"
  policy = data.aws_iam_policy_document.worker.json
}
