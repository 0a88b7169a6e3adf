#!/usr/bin/env bash
# Ends the worker: what runs may finish within 30 s, or is handed back. systemd runs this, too, when the worker ended by
# itself; MAINPID is then empty, and the machine may end with it. Who stops it by hand keeps the machine.
set -euo pipefail

[[ -n ${MAINPID:-} ]] || exit 0
touch "${KEPT_FILE:-/run/lipwright-kept}"
docker stop --time 75 lipwright
