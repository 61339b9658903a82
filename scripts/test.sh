#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Installs what is missing, builds, and runs every test: the C++ ones, the contract suite on the double and on the
# real addon, the addon's own tests and the end-to-end tests on a real Odoo.
#
#   scripts/test.sh [--require-odoo] [--no-odoo]
#
# --require-odoo (implied by CI=true): a run without an Odoo fails. Without it, where no Odoo can be had, the summary
# names what did not run, and why. ODOO_BIN=... uses somebody's own Odoo. The last line is "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/.."

require_odoo=${CI:+yes}
with_odoo=yes
for argument in "$@"; do
  case $argument in
    --require-odoo) require_odoo=yes ;;
    --no-odoo) with_odoo=no ;;
    *)
      echo "test.sh: unknown argument $argument" >&2
      exit 64
      ;;
  esac
done

logs=build/test-logs
sandbox=${TMPDIR:-/tmp}/webhook-test-$$
double=$PWD/build/release/tests/contract/double/webhook-double
conformance=$PWD/build/release/tests/conformance/rpc/conformance_rpc
passed=0
failed=0
not_run=()
rm -rf "$logs"
mkdir -p "$logs"

clean_up() {
  if [ -d "$sandbox" ]; then
    scripts/odoo_sandbox.sh down "$sandbox" >>"$logs/sandbox.log" 2>&1 || true
    rm -rf "$sandbox"
  fi
}
trap clean_up EXIT

say() { printf '\n== %s\n' "$*"; }

# count SUITE PASSED FAILED: adds to the totals and says so.
count() {
  passed=$((passed + $2))
  failed=$((failed + $3))
  printf '%-28s %5d passed %3d failed\n' "$1" "$2" "$3"
}

# Everything that failed is shown; the whole log stays in the folder.
show_failure() { tail -n "${2:-60}" "$logs/$1.log"; }

build() {
  say "build"
  scripts/install_packages.sh build check
  cmake --preset release >"$logs/configure.log" || { show_failure configure; exit 1; }
  cmake --build --preset release >"$logs/build.log" || { show_failure build; exit 1; }
}

# Test cases as doctest counts them: "passed failed", summed over a log.
doctest_cases() {
  sed -n 's/.*\[doctest\] test cases: *\([0-9]*\) *| *\([0-9]*\) passed *| *\([0-9]*\) failed.*/\2 \3/p' "$1" |
    awk '{p += $1; f += $2} END {print p + 0, f + 0}'
}

# doctest_suite NAME COMMAND...: a program that died counts as one failed case more.
doctest_suite() {
  local name=$1
  shift
  say "$name"
  local status=0
  "$@" >"$logs/$name.log" 2>&1 || status=$?
  local cases
  cases=$(doctest_cases "$logs/$name.log")
  local ok=${cases% *} bad=${cases#* }
  if [ "$status" -ne 0 ]; then
    [ "$bad" -gt 0 ] || bad=1
    grep -E 'ERROR|FATAL|Failed|Timeout|SEGFAULT|TEST CASE' "$logs/$name.log" | tail -40 || true
  fi
  count "$name" "$ok" "$bad"
}

cpp_tests() {
  # The contract suite is run below, where its cases are counted.
  doctest_suite c++ ctest --preset release -j 2 --verbose -E contract_double
  doctest_suite conformance-double tests/conformance/rpc/run_on.py double "$double" "$conformance"
  pytest_suite contract-double tests/contract --target=double --double="$double"
}

# pytest_suite NAME ARGUMENTS...: a run that dies without a report is a failure. Skipped tests fail the run: what
# cannot run is not started at all.
pytest_suite() {
  local name=$1
  shift
  say "$name"
  local status=0
  /usr/bin/python3 -m pytest -q --junit-xml="$PWD/$logs/$name.xml" "$@" >"$logs/$name.log" 2>&1 || status=$?
  if [ ! -s "$logs/$name.xml" ]; then
    show_failure "$name"
    count "$name" 0 1
    return
  fi
  local result
  result=$(/usr/bin/python3 - "$logs/$name.xml" <<'PYTHON'
import sys
import xml.etree.ElementTree as tree

suite = tree.parse(sys.argv[1]).getroot().find("testsuite")
total, bad = int(suite.get("tests")), sum(int(suite.get(key)) for key in ("failures", "errors", "skipped"))
print(max(total - bad, 0), bad)
PYTHON
  )
  [ "$status" -eq 0 ] || show_failure "$name" 120
  if [ "$status" -ne 0 ] && [ "${result#* }" -eq 0 ]; then result="${result% *} 1"; fi
  count "$name" "${result% *}" "${result#* }"
}

# The addon's own tests, as Odoo counts them.
addon_tests() {
  say "addon (Odoo's own test runner)"
  local status=0
  scripts/odoo_sandbox.sh test "$sandbox" >"$logs/addon.log" 2>&1 || status=$?
  local total bad
  bad=$(grep -ohE '[0-9]+ failed, [0-9]+ error\(s\) of [0-9]+ tests' "$logs/addon.log" | tail -1 |
    awk '{print $1 + $3}')
  total=$(grep -ohE '[0-9]+ failed, [0-9]+ error\(s\) of [0-9]+ tests' "$logs/addon.log" | tail -1 | awk '{print $6}')
  bad=${bad:-0}
  total=${total:-0}
  if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
  [ "$status" -eq 0 ] || show_failure addon 100
  count "addon" "$((total > bad ? total - bad : 0))" "$bad"
}

odoo_tests() {
  scripts/install_packages.sh odoo
  local status=0
  scripts/odoo_sandbox.sh fetch >"$logs/fetch.log" 2>&1 || status=$?
  if [ "$status" -ne 0 ]; then
    without_odoo "$(tail -1 "$logs/fetch.log")"
    return
  fi
  say "a real Odoo ($(tail -1 "$logs/fetch.log"))"
  if ! scripts/odoo_sandbox.sh up "$sandbox" --workers 4 --modules webhook_worker_test,webhook_worker_everything \
    >"$logs/sandbox.log" 2>&1; then
    show_failure sandbox
    count "sandbox" 0 1
    return
  fi
  addon_tests
  doctest_suite conformance-odoo tests/conformance/rpc/run_on.py sandbox "$sandbox" "$conformance"
  pytest_suite contract-odoo tests/contract --target=odoo --sandbox "$sandbox"
  pytest_suite end-to-end tests/odoo --sandbox "$sandbox"
}

without_odoo() {
  not_run+=("addon tests" "conformance suite on a real Odoo" "contract suite on the real addon" "end-to-end tests")
  echo "no Odoo: $1"
  if [ -n "$require_odoo" ]; then count "a real Odoo (required)" 0 1; fi
}

summary() {
  say "summary"
  local name
  for name in ${not_run[@]+"${not_run[@]}"}; do echo "did not run: $name"; done
  printf '\n%d passed, %d failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

build
cpp_tests
if [ "$with_odoo" = yes ]; then odoo_tests; else without_odoo "--no-odoo was given"; fi
summary
