#!/usr/bin/env bash
# Behind the worker: when it ended by itself because it was idle, so does the machine. systemd tells how it ended.
set -euo pipefail

if [[ ${SERVICE_RESULT:-} != success || ${EXIT_STATUS:-} != 0 || -e ${KEPT_FILE:-/run/lipwright-kept} ]]; then
  exit 0
fi
echo "the worker had nothing to do: this machine ends, its cache disk stays"
# Not fatal: without it the group would send another machine, whose worker ends likewise.
aws autoscaling set-desired-capacity --region "$REGION" --auto-scaling-group-name "$GROUP" --desired-capacity 0 || true
systemctl poweroff
