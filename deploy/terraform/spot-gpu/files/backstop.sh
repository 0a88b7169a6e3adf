#!/usr/bin/env bash
# Every minute: a machine on which no worker has run for BACKSTOP_S switches itself off, whatever the reason. One that
# dies again and again within a minute has not run.
set -euo pipefail

seen=${SEEN_FILE:-/run/lipwright-seen}
now=$(date +%s)
started=$(docker inspect --format '{{.State.StartedAt}}' lipwright 2> /dev/null || true)
if [[ ! -e $seen ]] || { [[ -n $started ]] && (( now - $(date --date "$started" +%s) >= 60 )); }; then
  echo "$now" > "$seen"
elif (( now - $(< "$seen") >= BACKSTOP_S )); then
  echo "no worker has run for $BACKSTOP_S s: this machine ends, its cache disk stays"
  aws autoscaling set-desired-capacity --region "$REGION" --auto-scaling-group-name "$GROUP" --desired-capacity 0 || true
  systemctl poweroff
fi
