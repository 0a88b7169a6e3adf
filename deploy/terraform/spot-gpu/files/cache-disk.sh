#!/usr/bin/env bash
# Fetches the cache disk to this machine and mounts it at /cache. A disk that was never used gets a file system; one that
# has any keeps it.
set -euo pipefail

cache=${CACHE_FOLDER:-/cache}
mountpoint -q "$cache" && exit 0
token=$(curl -sS --fail -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' http://169.254.169.254/latest/api/token)
instance=$(curl -sS --fail -H "X-aws-ec2-metadata-token: $token" http://169.254.169.254/latest/meta-data/instance-id)

# The machine before this one may still be about to go.
for _ in $(seq 60); do
  holder=$(aws ec2 describe-volumes --region "$REGION" --volume-ids "$VOLUME" \
    --query 'Volumes[0].Attachments[0].InstanceId' --output text)
  [[ $holder == "$instance" ]] && break
  if [[ $holder == None ]]; then
    aws ec2 attach-volume --region "$REGION" --volume-id "$VOLUME" --instance-id "$instance" --device /dev/sdf > /dev/null || true
  fi
  sleep "${LOOK_S:-5}"
done

# NVMe disks carry the volume's name, without its dash, as their serial number.
device=
for _ in $(seq 60); do
  device=$(lsblk --nodeps --noheadings --paths --output NAME,SERIAL | awk -v serial="${VOLUME//-/}" '$2 == serial { print $1 }')
  [[ -n $device ]] && break
  sleep "${LOOK_S:-5}"
done
if [[ -z $device ]]; then
  echo "error: the disk $VOLUME did not come to this machine. Is another one running?" >&2
  exit 1
fi

# blkid says 2 where it finds nothing; any other trouble is no reason to format.
found=0
blkid -p "$device" > /dev/null || found=$?
if [[ $found == 2 ]]; then
  mkfs.ext4 -q -L lipwright-cache "$device"
elif [[ $found != 0 ]]; then
  echo "error: $device: what is on it cannot be told ($found). It is left as it is." >&2
  exit 1
fi
mkdir -p "$cache"
mount -o noatime,nodev,nosuid "$device" "$cache"
mkdir -p "$cache/lipwright" "$cache/data"
chown 10001:10001 "$cache/lipwright" "$cache/data"
