#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
#
# A private PostgreSQL and a real Odoo in a directory of their own, on loopback only:
#
#     odoo_sandbox.sh fetch                      make sure there is an Odoo; prints ODOO_BIN=...
#     odoo_sandbox.sh up DIR [--workers N] [--port P] [--crons N] [--db NAME] [--modules A,B] [--no-init]
#     odoo_sandbox.sh down DIR    status DIR
#     odoo_sandbox.sh start-odoo DIR    stop-odoo DIR [--kill]
#     odoo_sandbox.sh start-db DIR      stop-db DIR [--kill]
#     odoo_sandbox.sh clone DIR NEWDB [FROM]     a copy of the database as it was installed, or of FROM
#     odoo_sandbox.sh dropdb DIR DB
#     odoo_sandbox.sh psql DIR [-d DB] ARGS...   shell DIR [-d DB] <python
#     odoo_sandbox.sh update DIR                 the checkout's addon code into the sandbox
#     odoo_sandbox.sh test DIR [TAGS]            the addon's own Odoo tests, in a fresh database
#
# `up` also starts whatever of an existing sandbox does not run, and writes DIR/env (shell syntax).
# Exit status 3: this machine cannot have an Odoo, and the last line on stderr says why.
set -euo pipefail

# shellcheck source=scripts/odoo_sandbox_lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/odoo_sandbox_lib.sh"

# ---- templates ---------------------------------------------------------------------------------

# API keys that never expire for the administrator and, where the addon made one, the worker's user. Odoo
# makes keys of its own choice; ours are put in their place so that every database knows the same ones.
give_keys() { # DB
  sed -e "s/ADMIN_KEY/$ADMIN_KEY/; s/WORKER_KEY/$WORKER_KEY/" <<'PYTHON' |
from inspect import signature
from odoo.addons.base.models.res_users import INDEX_SIZE, KEY_CRYPT_CONTEXT
keys = env['res.users.apikeys']
expiry = [None] if 'expiration_date' in signature(keys._generate).parameters else []
for xmlid, key in (('base.user_admin', 'ADMIN_KEY'), ('webhook_worker.user_webhook_worker', 'WORKER_KEY')):
    user = env.ref(xmlid, raise_if_not_found=False)
    if user:
        env.cr.execute("DELETE FROM res_users_apikeys WHERE user_id = %s AND name = 'sandbox'", [user.id])
        keys.with_user(user).sudo()._generate('rpc', 'sandbox', *expiry)
        env.cr.execute("UPDATE res_users_apikeys SET key = %s, index = %s WHERE user_id = %s AND name = 'sandbox'",
                       [KEY_CRYPT_CONTEXT.hash(key), key[:INDEX_SIZE], user.id])
env.cr.commit()
PYTHON
    odoo_shell "$1" >"$DIR/keys.log" 2>&1 || fail_with_log "$DIR/keys.log" "no API keys could be made"
}

worker_login() { # DB
  sql -d "$1" -c "SELECT login FROM res_users JOIN ir_model_data d ON d.res_id = res_users.id
    WHERE d.module = 'webhook_worker' AND d.name = 'user_webhook_worker'"
}

# A database under a template's name that is not sealed is what an interrupted run left.
make_base() {
  ! is_sealed $TEMPLATE_BASE || return 0
  drop_db $TEMPLATE_BASE
  say "initialising a database (about 20 s)"
  run_odoo "$DIR/init.log" -d $TEMPLATE_BASE -i base
  seal $TEMPLATE_BASE
}

make_template() {
  ! is_sealed $TEMPLATE || return 0
  make_base
  drop_db $TEMPLATE
  copy_db $TEMPLATE_BASE $TEMPLATE
  copy_addons "$DIR/addons"
  say "installing $(modules)"
  run_odoo "$DIR/init.log" -d $TEMPLATE -i "$(modules)"
  finish_template
}

# After every installation or update: Odoo only warns about a module it cannot find.
finish_template() {
  local module
  for module in $(modules | tr , ' '); do
    installed $TEMPLATE "$module" || fail_with_log "$DIR/init.log" "module $module is not installed"
  done
  give_keys $TEMPLATE
  WORKER_LOGIN=$(worker_login $TEMPLATE)
  save
  seal $TEMPLATE
}

# ---- commands ----------------------------------------------------------------------------------

up() {
  local init=yes before
  before=$(cat "$DIR/settings" 2>/dev/null || true)
  while [ $# -gt 0 ]; do
    case $1 in
      --no-init) init=no && shift && continue ;;
      --workers | --port | --crons | --db | --modules) [ $# -ge 2 ] || fail "$1 needs a value" ;;
      *) fail "up does not know '$1'" ;;
    esac
    case $1 in
      --workers) WORKERS=$2 ;;
      --port) PORT=$2 ;;
      --crons) CRONS=$2 ;;
      --db) check_name "$2" && DB=$2 ;;
      --modules) MODULES=$2 ;;
    esac
    shift 2
  done
  one_at_a_time
  prepare
  start_db
  if [ $init = yes ] && ! exists "$DB"; then
    make_template
    copy_db $TEMPLATE "$DB"
  fi
  save
  if odoo_runs && [ "$before" != "$(cat "$DIR/settings")" ]; then stop_odoo; fi
  start_odoo
  status
}

down() {
  end_all job_pids # first: a command that waits for one holds the lock
  one_at_a_time
  stop_odoo
  end_all job_pids
  stop_db
  [ "$SOCKETS" = "$DIR/sockets" ] || rm -rf "$SOCKETS" # made again when needed
}

status() {
  local database=stopped odoo=stopped
  ! db_runs || database=running
  ! odoo_runs || odoo=running
  echo "PostgreSQL $database, socket $SOCKETS"
  echo "Odoo $odoo, http://127.0.0.1:$PORT, $WORKERS workers, database $DB, log $DIR/odoo.log"
  [ $database = stopped ] || sql -d postgres -c "SELECT 'databases: ' || string_agg(datname, ' ' ORDER BY datname)
    FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'"
  echo ". $DIR/env"
}

clone() { # NEWDB [FROM]
  [ $# -ge 1 ] || fail "clone DIR NEWDB [FROM]"
  check_name "$1"
  need_db
  if [ $# -lt 2 ]; then
    one_at_a_time
    make_template
    flock -u 9
  fi
  copy_db "${2:-$TEMPLATE}" "$1"
}

# [-d DB] -> DB
database_option() { if [ "${1:-}" = -d ]; then echo "${2:?-d needs a database}"; else echo "$DB"; fi; }

# New code into the template and into the sandbox's own database; clones are made again, not updated.
update() {
  local was=stopped db how
  one_at_a_time
  ! odoo_runs || was=running
  stop_odoo
  start_db
  copy_addons "$DIR/addons"
  make_template
  unseal $TEMPLATE # an update that fails leaves it so, and the next command makes it anew
  for db in $TEMPLATE "$DB"; do
    exists "$db" || continue
    how=-i
    ! installed "$db" "$(modules | cut -d, -f1)" || how=-u
    run_odoo "$DIR/init.log" -d "$db" $how "$(modules)"
  done
  local worker_before=$WORKER_LOGIN
  finish_template
  if [ "$worker_before" != "$WORKER_LOGIN" ] && exists "$DB"; then give_keys "$DB"; fi
  [ $was = stopped ] || start_odoo
}

test_addon() { # [TAGS]
  local db=sandbox_test_$$ addons=$DIR/test_addons_$$ log=$DIR/test.log status=0
  has_checkout_addon || fail "there is no addon at $ROOT/odoo_addon_stub/webhook_worker"
  need_db
  one_at_a_time
  make_base
  flock -u 9
  # shellcheck disable=SC2064 # the names of now
  trap "drop_db $db; as_owner rm -rf '$addons'" EXIT
  copy_db $TEMPLATE_BASE $db
  copy_addons "$addons"
  odoo_args "$addons"
  odoo_job "$ODOO_BIN" "${ODOO_ARGS[@]}" --max-cron-threads=0 --workers=0 --without-demo=True -d $db \
    --http-interface=127.0.0.1 --http-port="$(free_port)" --gevent-port="$(free_port)" --stop-after-init \
    -i "webhook_worker${MODULES:+,$MODULES}" --test-enable --test-tags "${1:-/webhook_worker}" </dev/null 2>&1 |
    tee "$log" || status=$?
  # No test at all is a wrong tag or a broken import, not a success.
  grep -qE ' of [1-9][0-9]* tests' "$log" || fail "no test ran (the whole log: $log)"
  return $status
}

enter() { # DIR COMMAND
  if [ "$2" = up ]; then mkdir -p "$1"; fi
  if [ ! -f "$1/settings" ] && [ "$2" != up ]; then
    [ "$2" != down ] || exit 0 # nothing was ever started there
    fail "$1 is no sandbox; make one with: scripts/odoo_sandbox.sh up $1"
  fi
  DIR=$(cd "$1" && pwd -P)
  load
}

main() {
  local command=${1:-help}
  case $command in
    fetch) exec "$ROOT/scripts/odoo_fetch.sh" ;;
    help | -h | --help) sed -n '3,/^set /{/^set /d; s/^# \{0,1\}//; p}' "${BASH_SOURCE[0]}" && return 0 ;;
  esac
  [ $# -ge 2 ] || fail "'$command' needs a directory; scripts/odoo_sandbox.sh help lists the commands"
  enter "$2" "$command"
  shift 2
  case $command in
    up | down | status | clone | update) "$command" "$@" ;;
    start-db) one_at_a_time && start_db ;;
    stop-db) one_at_a_time && stop_db "$@" ;;
    start-odoo) one_at_a_time && need_db && start_odoo ;;
    stop-odoo) one_at_a_time && stop_odoo "$@" ;;
    dropdb) check_name "${1:-}" && need_db && drop_db "$1" ;;
    psql) need_db && exec "$BIN/psql" "$@" 9>&- ;;
    shell) need_db && odoo_shell "$(database_option "$@")" ;;
    test) test_addon "$@" ;;
    *) fail "there is no command '$command'; scripts/odoo_sandbox.sh help lists them" ;;
  esac
}

main "$@"
