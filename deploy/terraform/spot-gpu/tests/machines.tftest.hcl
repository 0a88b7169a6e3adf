# terraform test: plans with a provider that stands for AWS; no account is needed, nothing is made.
mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "eu-central-1" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_subnet" {
    defaults = { vpc_id = "vpc-1", availability_zone = "eu-central-1a" }
  }
  mock_data "aws_ssm_parameter" {
    defaults = { value = "ami-0123456789abcdef0" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  machines = {
    one = { subnet_id = "subnet-1" }
    two = { subnet_id = "subnet-2" }
  }
  image                 = "registry.example/lipwright:1"
  storage               = "s3://films/all"
  database_parameter    = "/lipwright/database"
  signing_key_parameter = "/lipwright/signing-key"
  quiet_minutes         = 45
}

run "machines_are_spot_and_their_disks_outlive_them" {
  command = plan

  assert {
    condition     = keys(aws_ebs_volume.cache) == ["one", "two"] && alltrue([for disk in aws_ebs_volume.cache : disk.encrypted && disk.size == 100])
    error_message = "A disk for each machine, encrypted."
  }
  assert {
    condition     = alltrue([for group in aws_autoscaling_group.worker : group.max_size == 1 && group.min_size == 0 && group.desired_capacity == 1])
    error_message = "A disk can be at one machine only."
  }
  assert {
    condition     = aws_autoscaling_group.worker["two"].name == "lipwright-two" && aws_autoscaling_group.worker["two"].vpc_zone_identifier == toset(["subnet-2"])
    error_message = "Each in the subnet of its disk."
  }
  assert {
    condition     = length(aws_security_group.worker) == 1
    error_message = "One security group for each network."
  }
  assert {
    condition     = alltrue([for group in aws_autoscaling_group.worker : group.mixed_instances_policy[0].instances_distribution[0].on_demand_percentage_above_base_capacity == 0])
    error_message = "None is paid in full."
  }
  assert {
    condition     = alltrue([for one in aws_launch_template.worker : one.instance_initiated_shutdown_behavior == "terminate" && one.metadata_options[0].http_tokens == "required"])
    error_message = "A machine that switches itself off is gone."
  }
  assert {
    condition     = alltrue([for one in aws_cloudwatch_metric_alarm.quiet : one.evaluation_periods * one.period == 45 * 60 && one.treat_missing_data == "notBreaching"])
    error_message = "The alarm waits as long as it is told."
  }
  assert {
    condition     = alltrue([for one in aws_autoscaling_policy.none : one.scaling_adjustment == 0 && one.adjustment_type == "ExactCapacity"])
    error_message = "The alarm takes the machine down."
  }
}

run "a_machine_may_begin_later" {
  command = plan
  variables {
    running = false
  }
  assert {
    condition     = alltrue([for group in aws_autoscaling_group.worker : group.desired_capacity == 0])
    error_message = "None at first."
  }
  assert {
    condition     = output.start["one"] == "aws autoscaling set-desired-capacity --region eu-central-1 --auto-scaling-group-name lipwright-one --desired-capacity 1"
    error_message = "The output begins it."
  }
}

run "no_kind_of_machine_is_refused" {
  command = plan
  variables {
    instance_types = []
  }
  expect_failures = [var.instance_types]
}

run "a_storage_of_another_vendor_is_refused" {
  command = plan
  variables {
    storage = "gs://films"
  }
  expect_failures = [var.storage]
}
