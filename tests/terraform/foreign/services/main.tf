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

# Services behind a load balancer; where they run is told by a module's output.
variable "stage" {
  type    = string
  default = "live"
}

module "capacity" {
  source = "./capacity"
  name   = "scoring-${var.stage}"
}

resource "aws_ecs_cluster" "scoring" {
  name = "scoring-${var.stage}"
  tags = { env = var.stage }
}

resource "aws_ecs_cluster_capacity_providers" "scoring" {
  cluster_name       = aws_ecs_cluster.scoring.name
  capacity_providers = ["FARGATE", "FARGATE_SPOT", module.capacity.provider]

  default_capacity_provider_strategy {
    capacity_provider = "FARGATE_SPOT"
    weight            = 1
  }
}

resource "aws_lb_target_group" "web" {
  for_each = toset(["steady", "cheap", "inherits"])

  name        = each.key
  port        = 8080
  protocol    = "HTTP"
  target_type = "ip"
  vpc_id      = "vpc-0123456789abcdef0"

  health_check {
    path = "/ping"
  }
}

resource "aws_ecs_task_definition" "web" {
  family                   = "web"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = "1024"
  memory                   = "4096"
  container_definitions = jsonencode([{
    name         = "web"
    image        = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:latest"
    essential    = true
    portMappings = [{ containerPort = 8080 }]
    environment  = [{ name = "API_KEY", value = "hunter2-hunter2-hunter2" }]
  }])
}

resource "aws_ecs_service" "steady" {
  name            = "steady"
  cluster         = aws_ecs_cluster.scoring.id
  task_definition = aws_ecs_task_definition.web.arn
  desired_count   = 2

  capacity_provider_strategy {
    capacity_provider = "FARGATE"
    weight            = 1
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.web["steady"].arn
    container_name   = "web"
    container_port   = 8080
  }
}

resource "aws_ecs_service" "cheap" {
  name            = "cheap"
  cluster         = aws_ecs_cluster.scoring.id
  task_definition = aws_ecs_task_definition.web.arn
  desired_count   = 1

  capacity_provider_strategy {
    capacity_provider = module.capacity.provider
    weight            = 1
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.web["cheap"].arn
    container_name   = "web"
    container_port   = 8080
  }
}

resource "aws_ecs_service" "inherits" {
  name            = "inherits"
  cluster         = aws_ecs_cluster.scoring.id
  task_definition = aws_ecs_task_definition.web.arn
  desired_count   = 2

  load_balancer {
    target_group_arn = aws_lb_target_group.web["inherits"].arn
    container_name   = "web"
    container_port   = 8080
  }
}
