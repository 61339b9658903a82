#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# The gate, the same for people and CI: format, house rules, clang's thread-safety build, clang-tidy, shell, Python and
# XML of the addon, schemas, the table of known defects, then every test. Everything is checked before it says no.
#
#   scripts/check.sh [--no-tests] [--fast]     --fast leaves out what takes minutes: clang and clang-tidy
set -euo pipefail
cd "$(dirname "$0")/.."

run_tests=yes
fast=no
for argument in "$@"; do
  case $argument in
    --no-tests) run_tests=no ;;
    --fast) fast=yes ;;
    *)
      echo "check.sh: unknown argument $argument" >&2
      exit 64
      ;;
  esac
done

offences=()
logs=build/check-logs
mkdir -p "$logs"

# step NAME COMMAND...: runs it, shows its output only when it fails.
step() {
  local name=$1
  shift
  if "$@" >"$logs/$name.log" 2>&1; then
    printf 'ok      %s\n' "$name"
  else
    printf 'FAILED  %s\n' "$name"
    tail -n 60 "$logs/$name.log" | sed 's/^/        /'
    offences+=("$name")
  fi
}

sources() { git ls-files -co --exclude-standard '*.cc' '*.h'; }

check_format() { sources | xargs clang-format --dry-run -Werror; }

check_shell() { git ls-files -co --exclude-standard '*.sh' '.ci/run' | xargs shellcheck -x; }

check_python() {
  git ls-files -co --exclude-standard '*.py' | xargs /usr/bin/python3 -m flake8 --max-line-length 120 --per-file-ignores='__init__.py:F401'
}

check_addon() {
  /usr/bin/python3 -m pylint --rcfile=scripts/pylint.rc odoo_addon_stub/webhook_worker
  git ls-files -co --exclude-standard 'odoo_addon_stub/*.xml' | xargs /usr/bin/python3 -c '
import sys
from lxml import etree
for path in sys.argv[1:]:
    etree.parse(path)'
}

check_schemas() { /usr/bin/python3 scripts/check_schemas.py; }

# What runs in production, with clang's checking of locks; scripts/prove.sh builds and runs the tests with it too.
check_clang() {
  cmake --preset clang
  cmake --build --preset clang --target webhook-worker webhook-demo
}

check_tidy() {
  git ls-files -co --exclude-standard 'lib/*.cc' 'rpc/*.cc' 'app/*.cc' |
    xargs -P "$(nproc)" -n 4 clang-tidy --quiet -p build/clang
}

scripts/install_packages.sh build check
step format check_format
step house-rules /usr/bin/python3 scripts/house_rules.py
step shell check_shell
step python check_python
step addon check_addon
step schemas check_schemas
step known-defects /usr/bin/python3 scripts/check_known_defects.py
if [ "$fast" = no ]; then
  step clang check_clang
  step clang-tidy check_tidy
fi

if [ ${#offences[@]} -gt 0 ]; then
  printf '\nnot clean: %s\n' "${offences[*]}"
  exit 1
fi
if [ "$run_tests" = yes ]; then exec scripts/test.sh; fi
