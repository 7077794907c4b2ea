variable "name" { type = string }

resource "aws_launch_template" "machines" {
  name          = var.name
  image_id      = "ami-0123456789abcdef0"
  instance_type = "c6i.xlarge"

  instance_market_options {
    market_type = "spot"
  }

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_size = 50
      encrypted   = true
    }
  }
}

resource "aws_autoscaling_group" "machines" {
  name                = var.name
  min_size            = 1
  max_size            = 4
  vpc_zone_identifier = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]

  launch_template {
    id      = aws_launch_template.machines.id
    version = "$Latest"
  }
}

resource "aws_ecs_capacity_provider" "machines" {
  name = var.name

  auto_scaling_group_provider {
    auto_scaling_group_arn = aws_autoscaling_group.machines.arn
  }
}

output "provider" {
  value = aws_ecs_capacity_provider.machines.name
}
