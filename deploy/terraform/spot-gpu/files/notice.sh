#!/usr/bin/env bash
# AWS tells two minutes ahead when it takes a spot machine back: the worker then hands back its work and frees the disk.
set -euo pipefail

base=http://169.254.169.254/latest
while true; do
  token=$(curl -sS --fail -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$base/api/token" || true)
  if [[ -n $token ]] && curl -sS --fail -H "X-aws-ec2-metadata-token: $token" "$base/meta-data/spot/instance-action" > /dev/null 2>&1; then
    break
  fi
  sleep "${LOOK_S:-5}"
done
echo "AWS takes this machine back: the worker ends"
touch "${KEPT_FILE:-/run/lipwright-kept}" # another machine is to come in its place
systemctl stop lipwright.service
umount "${CACHE_FOLDER:-/cache}"
systemctl poweroff
