#!/bin/sh
# Becomes `lipwright`, with secrets from files: where NAME_FILE is set, NAME is what that file holds. NAME is any setting
# (LIPWRIGHT_DATABASE_FILE=/run/secrets/database_url) or a key of the object storage.
set -eu

for name in $(env | sed -n 's/^\(LIPWRIGHT_[A-Z0-9_]*\)_FILE=.*/\1/p') AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY; do
  eval "file=\${${name}_FILE:-}"
  [ -n "$file" ] || continue
  if [ ! -r "$file" ]; then
    echo "error: ${name}_FILE=$file: this file cannot be read. Mount it, and let user $(id -u) read it." >&2
    exit 2
  fi
  value=$(cat "$file")
  if [ -z "$value" ]; then
    echo "error: ${name}_FILE=$file: this file is empty. Write the secret into it." >&2
    exit 2
  fi
  export "$name=$value"
  unset "${name}_FILE"
done
exec lipwright "$@"
