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
  for_each = toset(["steady", "cheap", "inherits", "llm"])

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

# A service of a short name that scales, its task with a secret of a variable's; where callers come in, the default
# asks who they are and a rule does not.
variable "token" {
  type      = string
  sensitive = true
  default   = "hf_0123456789abcdefghijklmnopqrstuvwx"
}

resource "aws_ecs_task_definition" "llm" {
  family                   = "llm"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = "1024"
  memory                   = "4096"
  container_definitions = jsonencode([{
    name         = "web"
    image        = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/llm:latest"
    essential    = true
    portMappings = [{ containerPort = 8080 }]
    environment  = [{ name = "HF_TOKEN", value = var.token }]
  }])
}

resource "aws_ecs_service" "llm" {
  name            = "llm"
  cluster         = aws_ecs_cluster.scoring.id
  task_definition = aws_ecs_task_definition.llm.arn
  desired_count   = 2

  capacity_provider_strategy {
    capacity_provider = "FARGATE"
    weight            = 1
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.web["llm"].arn
    container_name   = "web"
    container_port   = 8080
  }

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }
}

resource "aws_appautoscaling_target" "llm" {
  min_capacity       = 2
  max_capacity       = 6
  resource_id        = "service/${aws_ecs_cluster.scoring.name}/${aws_ecs_service.llm.name}"
  scalable_dimension = "ecs:service:DesiredCount"
  service_namespace  = "ecs"
}

resource "aws_appautoscaling_policy" "llm" {
  name               = "cpu"
  policy_type        = "TargetTrackingScaling"
  resource_id        = aws_appautoscaling_target.llm.resource_id
  scalable_dimension = aws_appautoscaling_target.llm.scalable_dimension
  service_namespace  = aws_appautoscaling_target.llm.service_namespace

  target_tracking_scaling_policy_configuration {
    target_value = 60
    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}

resource "aws_security_group" "callers" {
  name   = "callers"
  vpc_id = "vpc-0123456789abcdef0"
}

resource "aws_security_group_rule" "callers" {
  security_group_id = aws_security_group.callers.id
  type              = "ingress"
  from_port         = 443
  to_port           = 443
  protocol          = "tcp"
  cidr_blocks       = ["0.0.0.0/0"]
}

resource "aws_lb" "entry" {
  name            = "entry"
  subnets         = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
  security_groups = [aws_security_group.callers.id]
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.entry.arn
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = "arn:aws:acm:eu-west-1:123456789012:certificate/0f0f0f0f-1111-2222-3333-444444444444"

  default_action {
    type  = "authenticate-cognito"
    order = 1
    authenticate_cognito {
      user_pool_arn       = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_abc"
      user_pool_client_id = "abc"
      user_pool_domain    = "acme"
    }
  }
  default_action {
    type             = "forward"
    order            = 2
    target_group_arn = aws_lb_target_group.web["steady"].arn
  }
}

resource "aws_lb_listener_rule" "by_path" {
  for_each = { llm = "0.0.0.0/0", cheap = "203.0.113.0/24" }

  listener_arn = aws_lb_listener.https.arn

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.web[each.key].arn
  }
  condition {
    path_pattern {
      values = ["/${each.key}/*"]
    }
  }
  condition {
    source_ip {
      values = [each.value]
    }
  }
}
