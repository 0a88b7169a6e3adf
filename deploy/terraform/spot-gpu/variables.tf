variable "name" {
  description = "Name of everything that is made."
  type        = string
  default     = "lipwright"
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,20}$", var.name))
    error_message = "Small letters, digits and dashes, at most 21."
  }
}

variable "machines" {
  description = "The machines by their names, each in the subnet that holds its cache disk. A machine that is taken away from here leaves its disk."
  type        = map(object({ subnet_id = string }))
  validation {
    condition     = alltrue([for name in keys(var.machines) : can(regex("^[a-z0-9-]{1,20}$", name))])
    error_message = "Small letters, digits and dashes, at most 20."
  }
}

variable "running" {
  description = "Whether the machines begin at once. Later, `start` in the outputs begins each of them."
  type        = bool
  default     = true
}

variable "instance_types" {
  description = "Kinds of machines that will do, best first. All must have room for the image and its engines."
  type        = list(string)
  default     = ["g4dn.2xlarge", "g5.2xlarge", "g6.2xlarge"]
  validation {
    condition     = length(var.instance_types) > 0
    error_message = "Name at least one."
  }
}

variable "image" {
  description = "The container image, in a registry that the machines can pull from."
  type        = string
}

variable "queues" {
  description = "What the workers listen to."
  type        = string
  default     = "avatar,dubbing,cpu,gpu,io,callbacks,maintenance"
}

variable "storage" {
  description = "Where files are: s3://bucket or s3://bucket/folder."
  type        = string
  validation {
    condition     = can(regex("^s3://[a-z0-9.-]+(/.*)?$", var.storage))
    error_message = "Write s3://bucket."
  }
}

variable "database_parameter" {
  description = "Name of the SecureString in the Parameter Store that holds postgresql://user:password@host/name."
  type        = string
}

variable "signing_key_parameter" {
  description = "Name of the SecureString that holds the signing key of all servers."
  type        = string
}

variable "cache_gb" {
  description = "Size of each cache disk."
  type        = number
  default     = 100
  validation {
    condition     = var.cache_gb >= 20
    error_message = "At least 20."
  }
}

variable "idle_stop_s" {
  description = "A worker without work for so long ends, and its machine with it."
  type        = number
  default     = 600
}

variable "backstop_minutes" {
  description = "A machine on which no worker has run for so long stops, whatever else failed."
  type        = number
  default     = 30
}

variable "quiet_minutes" {
  description = "A machine that computed nothing for so long is taken down from outside, by CloudWatch; a multiple of 5."
  type        = number
  default     = 60
  validation {
    condition     = var.quiet_minutes >= 30 && var.quiet_minutes % 5 == 0
    error_message = "At least 30, in steps of 5."
  }
}

variable "quiet_cpu_percent" {
  description = "What counts as nothing. An idle worker needs about a sixth of one core."
  type        = number
  default     = 5
}

variable "tags" {
  description = "Tags of everything that is made."
  type        = map(string)
  default     = {}
}
