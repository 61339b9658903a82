#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# What takes longer than a test run may: every C++ test under the sanitizers and under clang, thousands of simulated
# histories.
#
#   scripts/prove.sh [sanitizers] [simulation]      default: both; WEBHOOK_PROVE_SEEDS=first:count, default 1:5000
set -euo pipefail
cd "$(dirname "$0")/.."

seeds=${WEBHOOK_PROVE_SEEDS:-1:5000}

sanitizers() {
  local preset
  for preset in asan tsan clang; do
    echo "== $preset"
    cmake --preset "$preset" >/dev/null
    cmake --build --preset "$preset"
    ctest --preset "$preset" -j "$(nproc)"
  done
}

simulation() {
  echo "== simulation, seeds $seeds"
  cmake --preset release >/dev/null
  cmake --build --preset release --target simulation_engine
  WEBHOOK_SIMULATION_SEEDS=$seeds build/release/tests/simulation/engine/simulation_engine
}

scripts/install_packages.sh build check
parts=("$@")
[ ${#parts[@]} -gt 0 ] || parts=(sanitizers simulation)
for part in "${parts[@]}"; do
  case $part in
    sanitizers) sanitizers ;;
    simulation) simulation ;;
    *)
      echo "prove.sh: unknown part $part" >&2
      exit 64
      ;;
  esac
done
