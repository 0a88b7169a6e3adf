"""The routes of the job service: the stages of speak, sync and dub, each a durable step."""
