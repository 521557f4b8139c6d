#!/usr/bin/env bash
# Live parity with PyTorch: sets up its own virtual environment, writes the cases, and compares. Python 3.10 or newer.
#   bash scripts/parity.sh                  every architecture once: which exporter, opset and variant changes with the engine's sources
#   bash scripts/parity.sh --turn 3         ... as with that number
#   bash scripts/parity.sh --matrix [TABLE] every architecture in every way, hours; lines of JSON go to TABLE
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
export SAYWHY_PARITY="$cases" SAYWHY_PYTHON="$PWD/$venv/bin/python"

if [ "${1:-}" = --matrix ]; then
  SAYWHY_PARITY_TABLE=$(realpath "${2:-parity.jsonl}")
  export SAYWHY_PARITY_TABLE
  : >"$SAYWHY_PARITY_TABLE"
  status=0
  # A few at a time: all of them would fill a disk.
  while read -r names; do
    "$venv/bin/python" scripts/parity_cases.py --out "$cases" --only "${names// /,}" --all --jobs "$(nproc)" </dev/null || status=1
    npx mocha test/parity/architectures.test.ts </dev/null || status=1
    rm -rf "${cases:?}"/*
  done < <("$venv/bin/python" scripts/parity_cases.py --list | xargs -n 4)
  node scripts/parity-table.js "$SAYWHY_PARITY_TABLE"
  exit $status
fi

# The same sources give the same turn, whatever commit they are in: what passed before it was submitted is what runs afterwards.
sources=$(find packages/autodiff/src -name '*.ts' -print0 | LC_ALL=C sort -z | xargs -0 cat | sha1sum | cut -c 1-7)
"$venv/bin/python" scripts/parity_cases.py --out "$cases" --turn "$((16#$sources))" --jobs "$(nproc)" "$@"
"$venv/bin/python" scripts/node_cases.py --out "$cases/node-cases"
"$venv/bin/python" scripts/target_cases.py --out "$cases/target-cases"
npx mocha 'test/parity/**/*.test.ts'
