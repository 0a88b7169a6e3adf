output "start" {
  description = "Begins each machine, when there is work."
  value = {
    for name, group in local.groups :
    name => "aws autoscaling set-desired-capacity --region ${data.aws_region.current.name} --auto-scaling-group-name ${group} --desired-capacity 1"
  }
}

output "stop" {
  description = "Ends each machine; what runs is handed back, the disk stays."
  value = {
    for name, group in local.groups :
    name => "aws autoscaling set-desired-capacity --region ${data.aws_region.current.name} --auto-scaling-group-name ${group} --desired-capacity 0"
  }
}

output "cache_volumes" {
  description = "The disks that stay."
  value       = { for name, volume in aws_ebs_volume.cache : name => volume.id }
}

output "security_groups" {
  description = "By network: let them reach the database."
  value       = { for network, group in aws_security_group.worker : network => group.id }
}
