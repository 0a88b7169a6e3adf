#!/usr/bin/env bash
# Makes the secrets of compose.yaml in deploy/secrets, each once: passwords that nobody chose. What is there stays.
# The folder is its owner's alone; the files in it may be read by all, because each container has a user of its own.
set -euo pipefail
umask 077
folder=${1:-"$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/secrets"}
mkdir -p "$folder"
chmod 700 "$folder"

random() { # LETTERS
  od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n' | cut -c "1-$1"
}

keep() { # NAME VALUE
  if [[ ! -s $folder/$1 ]]; then
    printf '%s' "$2" > "$folder/$1.new"
    chmod 444 "$folder/$1.new"
    mv "$folder/$1.new" "$folder/$1"
  fi
}

keep postgres_password "$(random 40)"
keep database_url "postgresql://lipwright:$(< "$folder/postgres_password")@postgres:5432/lipwright"
keep signing_key "$(random 64)"
keep storage_key_id "$(random 20)"
keep storage_key "$(random 40)"
keep storage.json '{"identities": [{"name": "lipwright", "credentials": [{"accessKey": "'"$(< "$folder/storage_key_id")"'",
  "secretKey": "'"$(< "$folder/storage_key")"'"}], "actions": ["Admin", "Read", "Write", "List", "Tagging"]}]}'
keep grafana_password "$(random 24)"
echo "the secrets are in $folder"
