#!/usr/bin/env bash
# Training on a GPU, measured within eight minutes: one table. What it measures and its options: bash benchmarks/gpu.sh --help
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PYTHONPATH="scripts${PYTHONPATH:+:$PYTHONPATH}"
export NNPM_DISPLAY=1 # several processes train at a time: none of them draws a progress bar
exec python3 -W ignore -m benchmarks.gpu "$@"
