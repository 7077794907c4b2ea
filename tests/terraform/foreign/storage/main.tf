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

# Volumes and file systems: blocks that `dynamic` makes, values that only AWS knows, types that no rule knows.
variable "disks" {
  type    = map(bool)
  default = { models = true, scratch = false }
}

resource "aws_kms_key" "data" {
  enable_key_rotation = true
  tags                = { Environment = "prod" }
}

resource "aws_ebs_volume" "data" {
  for_each = var.disks

  availability_zone = "eu-west-1a"
  size              = 100
  encrypted         = each.value
}

resource "aws_ebs_volume" "late" {
  availability_zone = "eu-west-1a"
  size              = 100
  encrypted         = aws_kms_key.data.key_id != ""
}

resource "aws_efs_file_system" "shared" {
  encrypted  = true
  kms_key_id = aws_kms_key.data.arn
}

resource "aws_launch_template" "machines" {
  name = "machines"

  dynamic "block_device_mappings" {
    for_each = var.disks

    content {
      device_name = "/dev/sd${block_device_mappings.key == "models" ? "b" : "c"}"

      ebs {
        volume_size = 100
        encrypted   = block_device_mappings.value
      }
    }
  }
}

resource "aws_instance" "box" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "c6i.large"

  root_block_device {
    encrypted  = true
    kms_key_id = aws_kms_key.data.arn
  }

  ebs_block_device {
    device_name = "/dev/sdb"
    volume_size = 100
  }
}

resource "aws_glue_catalog_database" "features" {
  name = "features"
}
