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

# Functions from images: how they are called, how warm they are, what they may read.
resource "aws_iam_role" "functions" {
  name               = "functions"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }] })
  tags               = { stage = "prod" }
}

resource "aws_cloudwatch_log_group" "logs" {
  for_each = { scorer = 30, open = null }

  name              = "/aws/lambda/${each.key}"
  retention_in_days = each.value
}

resource "aws_lambda_function" "scorer" {
  function_name = "scorer"
  role          = aws_iam_role.functions.arn
  package_type  = "Image"
  image_uri     = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/scorer:3"
  memory_size   = 4096
  timeout       = 30
  publish       = true
  depends_on    = [aws_cloudwatch_log_group.logs]
}

resource "aws_lambda_alias" "live" {
  name             = "live"
  function_name    = aws_lambda_function.scorer.function_name
  function_version = aws_lambda_function.scorer.version
}

resource "aws_lambda_provisioned_concurrency_config" "live" {
  function_name                     = aws_lambda_alias.live.function_name
  qualifier                         = aws_lambda_alias.live.name
  provisioned_concurrent_executions = 5
}

resource "aws_lambda_function_url" "signed" {
  function_name      = aws_lambda_function.scorer.function_name
  qualifier          = aws_lambda_alias.live.name
  authorization_type = "AWS_IAM"
}

resource "aws_lambda_function" "open" {
  function_name = "open"
  role          = aws_iam_role.functions.arn
  package_type  = "Image"
  image_uri     = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/open"
  memory_size   = 2048
  timeout       = 30

  environment {
    variables = {
      DB_PASSWORD = "correct-horse-battery"
      MODEL       = "s3://acme-models/open/"
    }
  }
}

resource "aws_lambda_function_url" "open" {
  function_name      = aws_lambda_function.open.function_name
  authorization_type = "NONE"
}

# Behind an HTTP API, from a repository of this stack: the tag follows what is not known yet.
resource "aws_ecr_repository" "tagger" {
  name = "tagger"
}

resource "aws_cloudwatch_log_group" "tagger" {
  name              = "/aws/lambda/tagger"
  retention_in_days = 30
}

resource "aws_lambda_function" "tagger" {
  function_name = "tagger"
  role          = aws_iam_role.functions.arn
  package_type  = "Image"
  image_uri     = "${aws_ecr_repository.tagger.repository_url}:v1.4.0"
  memory_size   = 2048
  timeout       = 30
  depends_on    = [aws_cloudwatch_log_group.tagger]
}

resource "aws_apigatewayv2_api" "tagger" {
  name          = "tagger"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_integration" "tagger" {
  api_id                 = aws_apigatewayv2_api.tagger.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.tagger.invoke_arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "tagger" {
  for_each = {
    "POST /tag"         = "AWS_IAM"
    "GET /tags"         = "NONE"
    "GET /health"       = "NONE"
    "OPTIONS /{proxy+}" = "NONE"
  }

  api_id             = aws_apigatewayv2_api.tagger.id
  route_key          = each.key
  target             = "integrations/${aws_apigatewayv2_integration.tagger.id}"
  authorization_type = each.value
}
