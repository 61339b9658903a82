#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# The main job end to end: installs what is missing, builds the release, and lets the real webhook-worker deliver
# 1,000 webhooks to a receiver with a healthy, a flaky and a dead endpoint. Exit status 0 only if the receiver's own
# ledger and Odoo's states agree on every delivery.
#
#   scripts/demo.sh [--odoo] [--keep] [--deliveries N]
#
# Odoo is a stand-in inside the demo; with --odoo it is a real Odoo 19 with the addon, in a directory of its own that
# is removed afterwards. With --keep all of it stays up until Ctrl-C, with the address, the log-in and where to click.
# ODOO_BIN=... takes somebody's own Odoo. Exit status 3: this machine cannot have an Odoo.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  echo "usage: scripts/demo.sh [--odoo] [--keep] [--deliveries N]" >&2
  exit 64
}

with_odoo=no
options=()
while [ $# -gt 0 ]; do
  case $1 in
    --odoo) with_odoo=yes ;;
    --keep) options+=(--keep) ;;
    --deliveries)
      [ $# -ge 2 ] || usage
      options+=(--deliveries "$2")
      shift
      ;;
    *) usage ;;
  esac
  shift
done

logs=build/demo-logs
sandbox=''
demo=''
mkdir -p "$logs"

say() { printf '== %s\n' "$*"; }

# Runs a command quietly; shows what it said when it fails.
quietly() { # NAME COMMAND...
  local log=$logs/$1.log
  shift
  "$@" >"$log" 2>&1 && return 0
  tail -n 40 "$log" >&2
  echo "demo.sh: failed: $* (the whole log: $log)" >&2
  return 1
}

clean_up() {
  local status=$?
  trap '' INT TERM HUP # this part is not to be interrupted
  if [ -n "$demo" ]; then
    kill -TERM "$demo" 2>/dev/null || true
    wait "$demo" 2>/dev/null || true
  fi
  if [ -n "$sandbox" ]; then
    scripts/odoo_sandbox.sh down "$sandbox" >>"$logs/sandbox.log" 2>&1 || true
    rm -rf "$sandbox"
  fi
  exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

build() {
  say "build (the first time takes some minutes)"
  quietly configure cmake --preset release
  quietly build cmake --build build/release --target webhook-worker webhook-demo
}

start_odoo() {
  say "a real Odoo (the first time takes some minutes)"
  sandbox=$(mktemp -d "${TMPDIR:-/tmp}/webhook-demo-odoo.XXXXXX")
  local status=0
  scripts/odoo_sandbox.sh up "$sandbox" >"$logs/sandbox.log" 2>&1 || status=$?
  if [ $status -ne 0 ]; then
    tail -n 20 "$logs/sandbox.log" >&2
    exit $status
  fi
  options+=(--odoo-env "$sandbox/env")
}

# In the background, so that a signal is passed on at once; the result is the demo's own all the same.
run_demo() {
  local status=0
  say "demo"
  build/release/app/webhook_demo/webhook-demo run "${options[@]}" &
  demo=$!
  trap 'kill -TERM "$demo" 2>/dev/null || true' INT TERM HUP
  wait "$demo" || status=$?
  while kill -0 "$demo" 2>/dev/null; do # a signal ended the wait
    status=0
    wait "$demo" || status=$?
  done
  demo=''
  return $status
}

groups=(build)
[ $with_odoo = no ] || groups+=(odoo)
scripts/install_packages.sh "${groups[@]}"
build
[ $with_odoo = no ] || start_odoo
run_demo
