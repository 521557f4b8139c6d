#!/usr/bin/env bash
# Live parity with PyTorch: sets up its own virtual environment, writes the cases, and compares. Python 3.10 or newer.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=.venv
if ! [ -x "$venv/bin/python" ]; then
  python3 -m venv "$venv"
  # Alone and first: any other spelling brings gigabytes of GPU libraries.
  "$venv/bin/pip" install --quiet torch==2.13.0
fi
"$venv/bin/pip" install --quiet --requirement scripts/requirements.txt --constraint <(echo torch==2.13.0)
cases=$(mktemp -d)
trap 'rm -rf "$cases"' EXIT
"$venv/bin/python" scripts/parity_cases.py --out "$cases" "$@"
"$venv/bin/python" scripts/node_cases.py --out "$cases/node-cases"
SAYWHY_PARITY="$cases" SAYWHY_PYTHON="$PWD/$venv/bin/python" npx mocha 'test/parity/**/*.test.ts'
