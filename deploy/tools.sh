#!/usr/bin/env bash
# Installs what judges the files in deploy/ into build/deploy-tools; what cannot be had is left out, and its tests are
# skipped. Needs the environment of `make`. Terraform itself, with the provider of AWS, is in no package registry: it is
# used where the machine has it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tools=build/deploy-tools

if [[ ! -e $tools/.python-tools || deploy/requirements-tools.txt -nt $tools/.python-tools ]]; then
  .venv/bin/python -m venv --without-pip "$tools"
  .venv/bin/uv pip install --quiet --python "$tools/bin/python" --require-hashes --only-binary :all: \
    -r deploy/requirements-tools.txt
  touch "$tools/.python-tools"
fi
# promtool comes with Debian's Prometheus: unpacked, not installed, so that no daemon begins.
if [[ ! -x $tools/bin/promtool ]] && command -v apt-get > /dev/null; then
  unpacked=$(mktemp -d)
  if (cd "$unpacked" && apt-get download -qq prometheus && dpkg -x prometheus_*.deb .) 2> /dev/null; then
    cp "$unpacked/usr/bin/promtool" "$tools/bin/promtool"
  else
    echo "promtool is not installed" >&2
  fi
  rm -rf "$unpacked"
fi
# KEDA's own schemas.
if [[ ! -d $tools/keda/node_modules/@kubernetes-models/keda ]] && command -v npm > /dev/null; then
  npm install --silent --no-save --prefix "$tools/keda" @kubernetes-models/keda@0.4.2 > /dev/null 2>&1 \
    || echo "KEDA's schemas are not installed" >&2
fi
