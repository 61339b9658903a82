#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
#
# A private PostgreSQL and a real Odoo in a directory of their own, on loopback only:
#
#     odoo_sandbox.sh fetch                      make sure there is an Odoo; prints ODOO_BIN=...
#     odoo_sandbox.sh up DIR [--workers N] [--port P] [--crons N] [--db NAME] [--modules A,B] [--no-init]
#     odoo_sandbox.sh down DIR | status DIR
#     odoo_sandbox.sh start-odoo DIR | stop-odoo DIR [--kill] | start-db DIR | stop-db DIR [--kill]
#     odoo_sandbox.sh clone DIR NEWDB [--from DB] | dropdb DIR DB
#     odoo_sandbox.sh psql DIR [-d DB] ARGS...   | shell DIR [-d DB] <python
#     odoo_sandbox.sh update DIR                 new addon code into the running sandbox
#     odoo_sandbox.sh test DIR [TAGS]            the addon's own Odoo tests, in a fresh database
#
# `up` also starts whatever of an existing sandbox does not run, and writes DIR/env (shell syntax).
# Exit status 3: this machine cannot have an Odoo, and the last line on stderr says why.
set -euo pipefail

readonly ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Two databases nobody works in: after `base`, and after the addon. Odoo hides databases that PostgreSQL
# calls templates, so nothing connects to them and `createdb -T` always finds them free.
readonly TEMPLATE_BASE=sandbox_base TEMPLATE=sandbox_template
# PostgreSQL and Odoo refuse to run as root, or should not; then they run as this user.
OWNER=$(id -un)
[ "$OWNER" != root ] || OWNER=postgres

say() { echo "odoo_sandbox.sh: $*" >&2; }
fail() { say "$@"; exit 1; }
cannot() { say "$@"; exit 3; }

# fail_with_log LOG SENTENCE: what went wrong is nearly always in the last lines.
fail_with_log() {
  tail -n 40 "$1" >&2 2>/dev/null || true
  fail "$2 (see $1)"
}

as_owner() {
  if [ "$(id -u)" -eq 0 ]; then runuser -u "$OWNER" -- "$@"; else "$@"; fi
}

# ---- the Odoo tree -----------------------------------------------------------------------------

cache_dir() {
  local dir=${WEBHOOK_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/odoo-webhook-worker}
  # A root's home is closed to the user that runs Odoo.
  if [ -z "${WEBHOOK_CACHE_DIR:-}" ] && ! as_owner test -x "$HOME"; then dir=/var/cache/odoo-webhook-worker; fi
  (umask 022 && mkdir -p "$dir")
  as_owner test -x "$dir" || cannot "user $OWNER cannot read the cache $dir; set WEBHOOK_CACHE_DIR"
  echo "$dir"
}

# The best tree already unpacked: odoo-19 if there is one, else the newest.
cached_tree() { # CACHE
  find "$1" -mindepth 1 -maxdepth 1 -type d -name 'odoo-[0-9]*_*' | sort -V |
    awk '/\/odoo-19_/ { nineteen = $0 } { newest = $0 } END { if (newest) print nineteen ? nineteen : newest }'
}

# apt-get or apt-cache with lists, cache and sources of their own: the system's stay as they are.
own_apt() { # PROGRAM STATE_DIR ARGS...
  local program=$1 state=$2
  shift 2
  timeout 900 "$program" -q -o Dir::Etc::SourceList="$state/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::State::Lists="$state/lists" -o Dir::Cache="$state/cache" -o Acquire::Languages=none \
    -o Acquire::Retries=3 -o Acquire::http::Timeout=60 "$@"
}

# Downloads STATE/odoo-NN_*.deb from Debian unstable, which has Odoo where the stable suites do not.
# The archive is the one this machine is set up for; security archives come last, they have no such suite.
download_odoo() { # STATE
  local state=$1 archive package
  local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null ||
    cannot "no Odoo: this is not a Debian-like machine; set ODOO_BIN to an Odoo of your own"
  [ -r $keyring ] || cannot "no Odoo: $keyring is missing; run scripts/install_packages.sh odoo"
  mkdir -p "$state"/lists/partial "$state"/cache/archives/partial
  # Kept whole in a variable: a reader that stops early would end apt-get with a broken pipe.
  local archives
  archives=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | awk '!seen[$0]++')
  archives=$(grep -v security <<<"$archives" || true; grep security <<<"$archives" || true)
  for archive in $archives; do
    echo "deb [signed-by=$keyring] $archive unstable main" >"$state/sources.list"
    own_apt apt-get "$state" -o APT::Update::Error-Mode=any update >>"$state/log" 2>&1 || continue
    package=$(own_apt apt-cache "$state" pkgnames odoo- | grep -xE 'odoo-[0-9]+' | sort -V)
    if grep -qx odoo-19 <<<"$package"; then package=odoo-19; else package=${package##*$'\n'}; fi
    [ -n "$package" ] || continue
    [ "$package" = odoo-19 ] || say "WARNING: odoo-19 IS GONE FROM DEBIAN UNSTABLE, USING $package INSTEAD"
    (cd "$state" && own_apt apt-get "$state" download "$package") >>"$state/log" 2>&1 && return 0
  done
  tail -n 5 "$state/log" >&2 2>/dev/null || true
  cannot "no Odoo: none of this machine's package archives gave an odoo-NN package of Debian unstable"
}

unpack_odoo() { # STATE CACHE
  local deb tree name
  deb=$(find "$1" -maxdepth 1 -name 'odoo-*.deb')
  name=$(dpkg-deb -W --showformat='${Package}_${Version}' "$deb")
  tree=$1/tree
  dpkg -x "$deb" "$tree"
  # The package's relative links (jquery, fonts) lead here; without them every page answers 500.
  local folder
  for folder in javascript fonts fonts-font-awesome; do ln -sfn "/usr/share/$folder" "$tree/usr/share/$folder"; done
  # The user that runs Odoo cannot write here; without compiled files each start would take seconds longer.
  python=/usr/bin/python3
  $python -m compileall -q -j0 "$tree/usr/lib/python3/dist-packages/odoo" >/dev/null 2>&1 || true
  cat >"$tree/odoo-bin" <<'WRAPPER'
#!/bin/sh
# The system's own Python: its packages are what Odoo runs on.
here=$(dirname "$(readlink -f "$0")")
PYTHONPATH="$here/usr/lib/python3/dist-packages${PYTHONPATH:+:$PYTHONPATH}" exec /usr/bin/python3 "$here/usr/bin/odoo" "$@"
WRAPPER
  chmod 755 "$tree" "$tree/odoo-bin"
  mv -T "$tree" "$2/$name"
}

find_odoo() { # sets ODOO_BIN
  [ -z "${ODOO_BIN:-}" ] || { [ -x "$ODOO_BIN" ] || fail "ODOO_BIN=$ODOO_BIN is not a program"; return 0; }
  local cache state
  cache=$(cache_dir)
  exec 9>"$cache/lock" # two runs at once download once
  flock -w 1200 9 || fail "another run has been fetching Odoo for 20 minutes (lock $cache/lock)"
  if [ -z "$(cached_tree "$cache")" ]; then
    state=$(umask 022 && mktemp -d "$cache/fetch.XXXXXX")
    chmod 755 "$state"
    trap 'rm -rf "'"$state"'"' EXIT
    say "fetching Odoo (about 125 MB) into $cache"
    download_odoo "$state"
    unpack_odoo "$state" "$cache"
    rm -rf "$state"
  fi
  exec 9>&-
  ODOO_BIN=$(cached_tree "$cache")/odoo-bin
}

# ---- one sandbox -------------------------------------------------------------------------------

# Settings of an existing sandbox, or the defaults. DIR/settings is ours; DIR/env is for others.
load() { # DIR
  mkdir -p "$1" && DIR=$(cd "$1" && pwd -P)
  id "$OWNER" >/dev/null 2>&1 || cannot "there is no user $OWNER; run scripts/install_packages.sh odoo"
  [ "$(id -u)" -ne 0 ] || chown "$OWNER": "$DIR"
  as_owner test -w "$DIR" || fail "user $OWNER cannot reach $DIR; choose a directory under /tmp or /var/tmp"
  WORKERS=2 CRONS=0 PORT='' GEVENT_PORT='' DB=webhook MODULES='' ADMIN_KEY='' WORKER_KEY='' WORKER_LOGIN='' SOCKETS=''
  # shellcheck source=/dev/null
  if [ -f "$DIR/settings" ]; then . "$DIR/settings"; fi
  PG_BIN=$(find /usr/lib/postgresql -mindepth 3 -maxdepth 3 -name initdb 2>/dev/null | sort -V | tail -n 1)
  PG_BIN=$(dirname "${PG_BIN:-$(command -v initdb || cannot "PostgreSQL's initdb is missing; run scripts/install_packages.sh odoo")}")
  # A socket's path has at most 107 bytes.
  [ -n "$SOCKETS" ] || SOCKETS=$([ ${#DIR} -le 80 ] && echo "$DIR/sockets" || mktemp -d /tmp/odoo-sandbox.XXXXXX)
  unset "${!PG@}"
  export PGHOST=$SOCKETS PGUSER=odoo PGPORT=5432 PGDATABASE=$DB
}

save() {
  local name
  for name in ODOO_BIN WORKERS CRONS PORT GEVENT_PORT DB MODULES ADMIN_KEY WORKER_KEY WORKER_LOGIN SOCKETS; do
    printf '%s=%q\n' "$name" "${!name:-}"
  done >"$DIR/settings"
  cat >"$DIR/env" <<ENV
ODOO_URL=http://127.0.0.1:$PORT
ODOO_DB=$DB
ODOO_PORT=$PORT
ODOO_BIN=$ODOO_BIN
ODOO_SANDBOX=$DIR
PGHOST=$PGHOST
PGPORT=$PGPORT
PGUSER=$PGUSER
ODOO_ADMIN_LOGIN=admin
ODOO_ADMIN_PASSWORD=admin
ODOO_ADMIN_KEY=$ADMIN_KEY
WORKER_LOGIN=$WORKER_LOGIN
WORKER_KEY=$WORKER_KEY
ENV
  chmod 600 "$DIR/settings" "$DIR/env" # keys inside
}
