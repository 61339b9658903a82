# SPDX-License-Identifier: LGPL-3.0-or-later
# shellcheck shell=bash
#
# The parts of odoo_sandbox.sh, which sources this file: settings, PostgreSQL, databases, Odoo. A sandbox
# is a directory, DIR:
#
#     settings   ours, all of SETTINGS          env        for others, shell syntax
#     pg         the PostgreSQL cluster         sockets    its only way in (no TCP)
#     data       Odoo's files                   addons     a copy of the checkout's addons
#     odoo.log, init.log, test.log ...          lock       one changing command at a time

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Two databases nobody works in: after `base`, and after the addon. Odoo hides what PostgreSQL calls a
# template, so nothing is ever connected to them and `createdb -T` always finds them free.
# shellcheck disable=SC2034 # odoo_sandbox.sh uses them
readonly ROOT TEMPLATE_BASE=sandbox_base TEMPLATE=sandbox_template
readonly SETTINGS=(ODOO_BIN WORKERS CRONS PORT GEVENT_PORT DB MODULES SOCKETS ADMIN_KEY WORKER_KEY WORKER_LOGIN)
# PostgreSQL refuses to run as root and Odoo should not; under root both run as this user.
OWNER=$(id -un)
[ "$OWNER" != root ] || OWNER=postgres

say() { echo "odoo_sandbox.sh: $*" >&2; }
fail() { say "$@"; exit 1; }
cannot() { say "$@"; exit 3; }

# What went wrong is nearly always in a log's last lines.
fail_with_log() { # LOG SENTENCE
  tail -n 40 "$1" >&2 2>/dev/null || true
  fail "$2 (the whole log: $1)"
}

# Runs a program as the owner, in DIR, in a clean environment: a caller's PG*, proxies and Odoo settings stay out.
as_owner() {
  local clean=(env -C "$DIR" -i PATH="$PATH" HOME="$DIR/home" LANG=C.UTF-8)
  [ -z "${PYTHONPATH:-}" ] || clean+=(PYTHONPATH="$PYTHONPATH")
  if [ "$(id -u)" -eq 0 ]; then clean=(runuser -u "$OWNER" -- "${clean[@]}"); fi
  "${clean[@]}" "$@" 9>&- # 9 is the sandbox's lock: a server must not inherit it
}

# ---- settings ----------------------------------------------------------------------------------

load() { # sets DIR and everything about it
  id "$OWNER" >/dev/null 2>&1 || cannot "there is no user $OWNER; run scripts/install_packages.sh odoo"
  BIN=$(find /usr/lib/postgresql -mindepth 3 -maxdepth 3 -name initdb 2>/dev/null | sort -V | tail -n 1)
  [ -n "$BIN" ] || BIN=$(command -v initdb) || cannot "there is no PostgreSQL; run scripts/install_packages.sh odoo"
  BIN=$(dirname "$BIN")
  WORKERS=2 CRONS=0 PORT='' GEVENT_PORT='' DB=webhook MODULES='' SOCKETS='' ADMIN_KEY='' WORKER_KEY='' WORKER_LOGIN=''
  local given=${ODOO_BIN:-} # the environment's wins over the one the sandbox was made with
  # shellcheck source=/dev/null
  [ ! -f "$DIR/settings" ] || . "$DIR/settings"
  [ -x "${ODOO_BIN:-}" ] || ODOO_BIN='' # the cache was deleted: fetch again
  ODOO_BIN=${given:-$ODOO_BIN}
  export PGHOST=$SOCKETS PGPORT=5432 PGUSER=odoo PGDATABASE=$DB
  exec 9>>"$DIR/lock"
}

save() {
  local name
  umask 077 # keys inside
  for name in "${SETTINGS[@]}"; do printf '%s=%q\n' "$name" "${!name}"; done >"$DIR/settings"
  {
    printf '%s=%q\n' ODOO_URL "http://127.0.0.1:$PORT" ODOO_DB "$DB" ODOO_PORT "$PORT" ODOO_BIN "$ODOO_BIN"
    printf '%s=%q\n' ODOO_SANDBOX "$DIR" PGHOST "$SOCKETS" PGPORT 5432 PGUSER odoo
    printf '%s=%q\n' ODOO_ADMIN_LOGIN admin ODOO_ADMIN_PASSWORD admin ODOO_ADMIN_KEY "$ADMIN_KEY"
    [ -z "$WORKER_LOGIN" ] || printf '%s=%q\n' WORKER_LOGIN "$WORKER_LOGIN" WORKER_KEY "$WORKER_KEY"
  } >"$DIR/env"
  umask 022
}

# Held until the command ends, or `flock -u 9`.
one_at_a_time() { flock -w 1200 9 || fail "another command has been busy with $DIR for 20 minutes"; }

# Below the range that outgoing connections use: a client that dials a stopped Odoo's port from that very
# port would be connected to itself.
free_port() {
  /usr/bin/python3 - <<'PYTHON'
import random, socket
for port in random.sample(range(18000, 32000), 100):
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)):
            print(port)
            break
PYTHON
}

random_key() { od -An -v -tx1 -N20 /dev/urandom | tr -d ' \n'; }

prepare() { # what `up` needs before anything can start
  ODOO_BIN=$(ODOO_BIN=$ODOO_BIN "$ROOT/scripts/odoo_fetch.sh") || exit $?
  ODOO_BIN=${ODOO_BIN#ODOO_BIN=}
  [ "$(id -u)" -ne 0 ] || chown "$OWNER": "$DIR"
  chmod 755 "$DIR"
  as_owner true 2>/dev/null || fail "user $OWNER cannot enter $DIR; choose a directory under /tmp or /var/tmp"
  as_owner mkdir -p "$DIR/home" "$DIR/data" "$DIR/addons"
  # A socket's path has at most 107 bytes.
  if [ -z "$SOCKETS" ] && [ ${#DIR} -le 80 ]; then SOCKETS=$DIR/sockets; fi
  [ -n "$SOCKETS" ] || SOCKETS=$(as_owner mktemp -d /tmp/odoo-sandbox.XXXXXX)
  export PGHOST=$SOCKETS PGDATABASE=$DB
  PORT=${PORT:-$(free_port)} GEVENT_PORT=${GEVENT_PORT:-$(free_port)}
  ADMIN_KEY=${ADMIN_KEY:-$(random_key)} WORKER_KEY=${WORKER_KEY:-$(random_key)}
  save
}

# ---- PostgreSQL --------------------------------------------------------------------------------

pg_ctl() { as_owner "$BIN/pg_ctl" -s -D "$DIR/pg" "$@"; }
sql() { "$BIN/psql" -XAtq -v ON_ERROR_STOP=1 "$@"; }

# A server and its children work in the data directory. pg_ctl asks for the pid only, which a zombie (where
# process 1 is slow to reap) or a stranger may have.
db_pids() { find /proc/[0-9]*/cwd -maxdepth 0 -lname "$DIR/pg" 2>/dev/null | cut -d/ -f3 || true; }
db_runs() { db_pids | grep -qxF "$(head -n 1 "$DIR/pg/postmaster.pid" 2>/dev/null || echo none)"; }
need_db() { db_runs || fail "PostgreSQL of $DIR does not run; scripts/odoo_sandbox.sh start-db $DIR"; }

start_db() {
  as_owner mkdir -p -m 700 "$SOCKETS"
  if [ ! -d "$DIR/pg" ]; then
    as_owner rm -rf "$DIR/pg.new"
    as_owner "$BIN/initdb" -U odoo -A trust -E UTF8 --locale=C.UTF-8 -D "$DIR/pg.new" >"$DIR/initdb.log" 2>&1 ||
      fail_with_log "$DIR/initdb.log" "initdb failed"
    as_owner tee -a "$DIR/pg.new/postgresql.conf" >/dev/null <<CONF
listen_addresses = ''
unix_socket_directories = '$SOCKETS'
max_connections = 300
fsync = on
CONF
    as_owner mv -T "$DIR/pg.new" "$DIR/pg"
  fi
  ! db_runs || return 0
  end_all db_pids
  # Of a killed server; nothing is left that could own them.
  rm -f "$DIR/pg/postmaster.pid" "$SOCKETS"/.s.PGSQL.5432 "$SOCKETS"/.s.PGSQL.5432.lock
  pg_ctl -w -t 60 -l "$DIR/pg/postgres.log" start >/dev/null 2>&1 ||
    fail_with_log "$DIR/pg/postgres.log" "PostgreSQL does not start"
}

stop_db() { # [--kill]
  if [ "${1:-}" != --kill ] && db_runs; then
    pg_ctl -m fast -t 30 stop || pg_ctl -m immediate -t 30 stop || say "PostgreSQL has to be killed"
  fi
  end_all db_pids
}

# Kills what a function lists, until it lists nothing.
end_all() { # FUNCTION
  local pids deadline=$((SECONDS + 10))
  while pids=$("$1") && [ -n "$pids" ]; do
    # shellcheck disable=SC2086 # a list
    kill -KILL $pids 2>/dev/null || true
    [ $SECONDS -lt $deadline ] || fail "these processes of $DIR cannot be killed: $pids"
    sleep 0.05
  done
}

check_name() { [[ $1 =~ ^[A-Za-z0-9_][A-Za-z0-9_-]{0,62}$ ]] || fail "'$1' is no database name"; }
exists() { [ -n "$(sql -d postgres -c "SELECT 1 FROM pg_database WHERE datname = '$1'")" ]; }
is_sealed() { [ -n "$(sql -d postgres -c "SELECT 1 FROM pg_database WHERE datname = '$1' AND datistemplate")" ]; }
seal() { sql -d postgres -c "ALTER DATABASE $1 IS_TEMPLATE true ALLOW_CONNECTIONS false"; }
unseal() { sql -d postgres -c "ALTER DATABASE $1 IS_TEMPLATE false ALLOW_CONNECTIONS true"; }

drop_db() { # DB
  PGOPTIONS='-c client_min_messages=warning' "$BIN/dropdb" --if-exists --force "$1"
  as_owner rm -rf "$DIR/data/filestore/$1"
}

copy_db() { # FROM TO
  local attempt
  for attempt in 1 2 3 4 5; do # a live Odoo may connect again between the two statements
    sql -d postgres -o /dev/null -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '$1'"
    "$BIN/createdb" -T "$1" "$2" 2>"$DIR/createdb.log" && break
    [ "$attempt" -lt 5 ] || fail_with_log "$DIR/createdb.log" "database $1 cannot be copied to $2"
  done
  # PostgreSQL 15 copies a sequence with the values it believes it has logged; a crash before the next
  # checkpoint would set the copy's sequences back, and inserts would meet duplicate keys.
  sql -d postgres -c CHECKPOINT
  [ ! -d "$DIR/data/filestore/$1" ] || as_owner cp -a "$DIR/data/filestore/$1" "$DIR/data/filestore/$2"
}

# ---- Odoo --------------------------------------------------------------------------------------

copy_addons() { # FOLDER: copied, because the owner may not be able to read the checkout
  local addon
  as_owner mkdir -p "$1"
  for addon in "$ROOT/odoo_addon_stub/webhook_worker" "$ROOT"/tests/odoo/addons/*; do
    [ -f "$addon/__manifest__.py" ] || continue
    rm -rf "${1:?}/${addon##*/}"
    cp -R "$addon" "$1/"
  done
  [ "$(id -u)" -ne 0 ] || chown -R "$OWNER": "$1"
  chmod -R u+rwX,go+rX "$1"
}

has_checkout_addon() { [ -f "$ROOT/odoo_addon_stub/webhook_worker/__manifest__.py" ]; }
has_addon() { [ -f "$DIR/addons/webhook_worker/__manifest__.py" ]; }
modules() { if has_addon; then echo "webhook_worker${MODULES:+,$MODULES}"; else echo "${MODULES:-base}"; fi; }

# The arguments that any Odoo of this sandbox needs, in ODOO_ARGS.
odoo_args() { # ADDONS_FOLDER
  local path='' beside
  if compgen -G "$1/*/__manifest__.py" >/dev/null; then path=$1; fi
  beside=$(dirname "$ODOO_BIN")/addons # of a source checkout
  [ ! -d "$beside" ] || path=${path:+$path,}$beside
  ODOO_ARGS=(--data-dir="$DIR/data" --db_host="$SOCKETS" --db_port=5432 --db_user=odoo --max-cron-threads="$CRONS")
  [ -z "$path" ] || ODOO_ARGS+=(--addons-path="$path")
}

# Anything of Odoo but the server, marked so that `down` finds it.
odoo_job() { as_owner timeout --foreground 1800 env ODOO_SANDBOX_JOB="$DIR" "$@"; }

# Installs or updates and ends. LOG gets everything.
run_odoo() { # LOG ARGS...
  local log=$1
  shift
  odoo_args "$DIR/addons"
  odoo_job "$ODOO_BIN" "${ODOO_ARGS[@]}" --max-cron-threads=0 --workers=0 --no-http --without-demo=True \
    --stop-after-init "$@" >"$log" 2>&1 </dev/null || fail_with_log "$log" "Odoo ended with an error"
}

odoo_shell() { # DB, Python on stdin
  odoo_args "$DIR/addons"
  odoo_job "$ODOO_BIN" shell "${ODOO_ARGS[@]}" --log-level=warn --max-cron-threads=0 --no-http -d "$1"
}

installed() { # DB MODULE
  [ -n "$(sql -d "$1" -c "SELECT 1 FROM ir_module_module WHERE name = '$2' AND state = 'installed'")" ]
}

# Processes by a mark in their environment: that finds orphans after a crash too, and never names a process
# of somebody else, as a stale pid file would.
marked_pids() { grep -lzxF "$1=$DIR" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3 || true; }
server_pids() { marked_pids ODOO_SANDBOX_SERVER; }
job_pids() { marked_pids ODOO_SANDBOX_JOB; }
# Workers whose master is gone do not count.
odoo_runs() { server_pids | grep -qxF "$(cat "$DIR/odoo.pid" 2>/dev/null || echo none)"; }

start_odoo() {
  ! odoo_runs || return 0
  end_all server_pids
  odoo_args "$DIR/addons"
  # No -d: with a database loaded before the fork, the prefork master dies when PostgreSQL is away for a moment.
  rm -f "$DIR/odoo.pid"
  as_owner setsid --fork env ODOO_SANDBOX_SERVER="$DIR" "$ODOO_BIN" "${ODOO_ARGS[@]}" --db-filter='.*' \
    --http-interface=127.0.0.1 --http-port="$PORT" --gevent-port="$GEVENT_PORT" --workers="$WORKERS" \
    --pidfile="$DIR/odoo.pid" </dev/null >>"$DIR/odoo.log" 2>&1
  local started=$SECONDS
  while [ $((SECONDS - started)) -lt 120 ]; do
    answers && return 0
    sleep 0.2
    # The mark appears a moment after the fork.
    [ $((SECONDS - started)) -lt 3 ] || [ -n "$(server_pids)" ] || break
  done
  end_all server_pids
  fail_with_log "$DIR/odoo.log" "Odoo does not answer on port $PORT"
}

answers() {
  local path
  for path in web/version json/version web/health; do # the last is what older series have
    curl -fs -o /dev/null --noproxy '*' --max-time 10 "http://127.0.0.1:$PORT/$path" && return 0
  done
  return 1
}

stop_odoo() { # [--kill]
  local deadline=$((SECONDS + 20))
  if [ "${1:-}" != --kill ] && odoo_runs; then
    kill -TERM "$(cat "$DIR/odoo.pid")" 2>/dev/null || true # the master ends its workers in order
    while [ -n "$(server_pids)" ] && [ $SECONDS -lt $deadline ]; do sleep 0.1; done
  fi
  end_all server_pids
  rm -f "$DIR/odoo.pid"
}
