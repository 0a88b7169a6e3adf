#!/usr/bin/env bash
# One worker in a container, in the foreground. It exits with 0 when it had nothing to do for IDLE_STOP_S.
set -euo pipefail

secret() { # NAME
  aws ssm get-parameter --region "$REGION" --name "$1" --with-decryption --query Parameter.Value --output text
}

rm -f "${KEPT_FILE:-/run/lipwright-kept}"
docker rm --force lipwright > /dev/null 2>&1 || true
LIPWRIGHT_DATABASE=$(secret "$DATABASE_PARAMETER")
LIPWRIGHT_SIGNING_KEY=$(secret "$SIGNING_KEY_PARAMETER")
export LIPWRIGHT_DATABASE LIPWRIGHT_SIGNING_KEY
graphics=()
if command -v nvidia-smi > /dev/null && nvidia-smi > /dev/null 2>&1; then
  graphics=(--gpus all)
fi
exec docker run --name lipwright --rm --stop-timeout 75 "${graphics[@]}" \
  --read-only --cap-drop ALL --security-opt no-new-privileges --tmpfs /tmp:size=1g,mode=1777 \
  --volume /cache/lipwright:/cache --volume /cache/data:/data --no-healthcheck \
  --env LIPWRIGHT_DATABASE --env LIPWRIGHT_SIGNING_KEY \
  --env LIPWRIGHT_STORAGE="$STORAGE" --env AWS_REGION="$REGION" \
  --env LIPWRIGHT_IDLE_STOP_S="$IDLE_STOP_S" --env LIPWRIGHT_CACHE_LIMIT_GB="$CACHE_LIMIT_GB" \
  "$IMAGE" worker --queues "$QUEUES"
