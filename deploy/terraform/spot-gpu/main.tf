# Workers on spot machines. Each is an Auto Scaling group of none or one, so that a machine that AWS takes back is
# replaced by another kind that is to be had, and one that has nothing to do is really gone. What a worker computed lies
# on a disk of its own, which outlives every machine.

data "aws_region" "current" {}
data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

# Ubuntu with NVIDIA's driver, Docker and the container toolkit.
data "aws_ssm_parameter" "system" {
  name = "/aws/service/deeplearning/ami/x86_64/base-oss-nvidia-driver-gpu-ubuntu-22.04/latest/ami-id"
}

data "aws_subnet" "of" {
  for_each = var.machines
  id       = each.value.subnet_id
}

locals {
  account = "${data.aws_partition.current.partition}:ssm:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}"
  bucket  = regex("^s3://([a-z0-9.-]+)", var.storage)[0]
  groups  = { for name in keys(var.machines) : name => "${var.name}-${name}" }
  tags    = merge({ Application = var.name }, var.tags)
}

resource "aws_ebs_volume" "cache" {
  for_each          = var.machines
  availability_zone = data.aws_subnet.of[each.key].availability_zone
  size              = var.cache_gb
  type              = "gp3"
  encrypted         = true
  tags              = merge(local.tags, { Name = "${local.groups[each.key]}-cache" })

  # What is on it was dear. To be rid of a disk: `terraform state rm` it, then delete it by hand.
  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_security_group" "worker" {
  for_each    = toset([for subnet in data.aws_subnet.of : subnet.vpc_id])
  name        = "${var.name}-worker"
  description = "Workers call; nobody calls them"
  vpc_id      = each.value
  tags        = local.tags
}

resource "aws_vpc_security_group_egress_rule" "out" {
  for_each          = aws_security_group.worker
  security_group_id = each.value.id
  description       = "Database, storage, callbacks, registry"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}

resource "aws_iam_role" "worker" {
  for_each = var.machines
  name     = "${local.groups[each.key]}-worker"
  tags     = local.tags
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
}

data "aws_iam_policy_document" "worker" {
  for_each = var.machines
  statement {
    sid       = "Disk"
    actions   = ["ec2:AttachVolume", "ec2:DetachVolume"]
    resources = [aws_ebs_volume.cache[each.key].arn]
  }
  statement {
    sid       = "DiskOfThisMachine"
    actions   = ["ec2:AttachVolume", "ec2:DetachVolume"]
    resources = ["arn:${data.aws_partition.current.partition}:ec2:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:instance/*"]
    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/aws:autoscaling:groupName"
      values   = [local.groups[each.key]]
    }
  }
  statement {
    sid       = "LookForTheDisk"
    actions   = ["ec2:DescribeVolumes"]
    resources = ["*"]
  }
  statement {
    sid       = "EndItself"
    actions   = ["autoscaling:SetDesiredCapacity"]
    resources = ["arn:${data.aws_partition.current.partition}:autoscaling:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:autoScalingGroup:*:autoScalingGroupName/${local.groups[each.key]}"]
  }
  statement {
    sid     = "Secrets"
    actions = ["ssm:GetParameter"]
    resources = [
      "arn:${local.account}:parameter/${trimprefix(var.database_parameter, "/")}",
      "arn:${local.account}:parameter/${trimprefix(var.signing_key_parameter, "/")}",
    ]
  }
  statement {
    sid       = "Files"
    actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
    resources = ["arn:${data.aws_partition.current.partition}:s3:::${local.bucket}/*"]
  }
  statement {
    sid       = "Bucket"
    actions   = ["s3:ListBucket"]
    resources = ["arn:${data.aws_partition.current.partition}:s3:::${local.bucket}"]
  }
}

resource "aws_iam_role_policy" "worker" {
  for_each = var.machines
  name     = "worker"
  role     = aws_iam_role.worker[each.key].id
  policy   = data.aws_iam_policy_document.worker[each.key].json
}

resource "aws_iam_instance_profile" "worker" {
  for_each = var.machines
  name     = "${local.groups[each.key]}-worker"
  role     = aws_iam_role.worker[each.key].name
  tags     = local.tags
}

resource "aws_launch_template" "worker" {
  for_each               = var.machines
  name                   = local.groups[each.key]
  image_id               = data.aws_ssm_parameter.system.value
  update_default_version = true
  tags                   = local.tags

  # A machine that switches itself off is gone, and nothing is paid for it.
  instance_initiated_shutdown_behavior = "terminate"

  vpc_security_group_ids = [aws_security_group.worker[data.aws_subnet.of[each.key].vpc_id].id]
  iam_instance_profile {
    arn = aws_iam_instance_profile.worker[each.key].arn
  }
  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 2 # from within a container, for the storage's credentials
  }
  monitoring {
    enabled = true
  }
  block_device_mappings {
    device_name = "/dev/sda1"
    ebs {
      volume_type           = "gp3"
      volume_size           = 75
      encrypted             = true
      delete_on_termination = true
    }
  }
  tag_specifications {
    resource_type = "instance"
    tags          = merge(local.tags, { Name = local.groups[each.key] })
  }
  user_data = base64gzip(templatefile("${path.module}/files/user-data.yaml.tftpl", {
    scripts = {
      for script in fileset("${path.module}/files", "*.sh") :
      script => base64encode(file("${path.module}/files/${script}"))
    }
    environment = {
      REGION                = data.aws_region.current.name
      GROUP                 = local.groups[each.key]
      VOLUME                = aws_ebs_volume.cache[each.key].id
      IMAGE                 = var.image
      QUEUES                = var.queues
      STORAGE               = var.storage
      DATABASE_PARAMETER    = var.database_parameter
      SIGNING_KEY_PARAMETER = var.signing_key_parameter
      IDLE_STOP_S           = var.idle_stop_s
      BACKSTOP_S            = var.backstop_minutes * 60
      CACHE_LIMIT_GB        = floor(var.cache_gb * 0.8)
    }
  }))
}

resource "aws_autoscaling_group" "worker" {
  for_each            = var.machines
  name                = local.groups[each.key]
  min_size            = 0
  max_size            = 1
  desired_capacity    = var.running ? 1 : 0
  vpc_zone_identifier = [each.value.subnet_id]
  health_check_type   = "EC2"
  capacity_rebalance  = false # the disk can be at one machine only
  default_cooldown    = 60

  mixed_instances_policy {
    instances_distribution {
      on_demand_base_capacity                  = 0
      on_demand_percentage_above_base_capacity = 0
      spot_allocation_strategy                 = "capacity-optimized-prioritized"
    }
    launch_template {
      launch_template_specification {
        launch_template_id = aws_launch_template.worker[each.key].id
        version            = "$Latest"
      }
      dynamic "override" {
        for_each = var.instance_types
        content {
          instance_type = override.value
        }
      }
    }
  }

  dynamic "tag" {
    for_each = local.tags
    content {
      key                 = tag.key
      value               = tag.value
      propagate_at_launch = true
    }
  }

  # Who has nothing to do sets it to 0, and `start` to 1.
  lifecycle {
    ignore_changes = [desired_capacity]
  }
}

# The last backstop, outside the machine: one that computes nothing is taken down, even if nothing on it works any more.
resource "aws_autoscaling_policy" "none" {
  for_each               = var.machines
  name                   = "none"
  autoscaling_group_name = aws_autoscaling_group.worker[each.key].name
  policy_type            = "SimpleScaling"
  adjustment_type        = "ExactCapacity"
  scaling_adjustment     = 0
}

resource "aws_cloudwatch_metric_alarm" "quiet" {
  for_each            = var.machines
  alarm_name          = "${local.groups[each.key]}-quiet"
  alarm_description   = "This machine has computed nothing for ${var.quiet_minutes} minutes and was taken down. Its own idle stop should have done that: look why it did not."
  namespace           = "AWS/EC2"
  metric_name         = "CPUUtilization"
  dimensions          = { AutoScalingGroupName = aws_autoscaling_group.worker[each.key].name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = var.quiet_minutes / 5
  comparison_operator = "LessThanThreshold"
  threshold           = var.quiet_cpu_percent
  treat_missing_data  = "notBreaching" # no machine, no alarm
  alarm_actions       = [aws_autoscaling_policy.none[each.key].arn]
  tags                = local.tags
}
