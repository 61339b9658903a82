#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
#
# Makes sure that there is an Odoo to run, and prints where as one line, ODOO_BIN=...
#
# An ODOO_BIN in the environment (somebody's own Odoo) is taken as it is. Otherwise Debian unstable's
# odoo-19 package is unpacked once into a cache: $WEBHOOK_CACHE_DIR, or odoo-webhook-worker in the user's
# cache folder, or /var/cache/odoo-webhook-worker when root's home is closed to the user that runs Odoo.
# Nothing of the system's own package configuration is touched. To fetch anew, delete the cache.
#
# Exit status 3: this machine cannot have an Odoo, and the last line on stderr says why.
set -euo pipefail

readonly KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

say() { echo "odoo_fetch.sh: $*" >&2; }
cannot() { say "no Odoo: $*"; exit 3; }

# Can the user that will run Odoo enter this folder?
runner_can_enter() {
  if [ "$(id -u)" -ne 0 ]; then test -x "$1"; else runuser -u postgres -- test -x "$1" 2>/dev/null; fi
}

cache_dir() {
  local dir=${WEBHOOK_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/odoo-webhook-worker}
  if [ -z "${WEBHOOK_CACHE_DIR:-}" ] && [ "$(id -u)" -eq 0 ] && ! runner_can_enter "$HOME"; then
    dir=/var/cache/odoo-webhook-worker
  fi
  (umask 022 && mkdir -p "$dir") || cannot "the cache folder $dir cannot be made; set WEBHOOK_CACHE_DIR"
  runner_can_enter "$dir" ||
    cannot "the user that runs Odoo (postgres, under root) cannot enter $dir; set WEBHOOK_CACHE_DIR"
  echo "$dir"
}

# The best tree already unpacked: an odoo-19 if there is one, else the newest.
cached_tree() { # CACHE
  find "$1" -mindepth 1 -maxdepth 1 -type d -name 'odoo-[0-9]*_*' | sort -V |
    awk '/\/odoo-19_[^\/]*$/ { wanted = $0 } { newest = $0 } END { if (newest) print wanted ? wanted : newest }'
}

# apt-get or apt-cache with sources, lists and cache of their own, so the system's stay as they are.
own_apt() { # STATE PROGRAM ARGS...
  local state=$1 program=$2
  shift 2
  timeout 900 "$program" -q \
    -o Dir::Etc::SourceList="$state/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::State::Lists="$state/lists" -o Dir::Cache="$state/cache" -o Acquire::Languages=none \
    -o Acquire::Retries=3 -o Acquire::http::Timeout=60 -o Acquire::https::Timeout=60 "$@"
}

# The archives this machine is set up for. Security archives come last: they have no unstable suite.
configured_archives() {
  local all
  # shellcheck disable=SC2016 # apt's placeholder, not ours
  all=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | awk '!seen[$0]++')
  grep -v security <<<"$all" || true
  grep security <<<"$all" || true
}

# The package to take from the lists in STATE: odoo-19, else the newest there is, said loudly.
choose_package() { # STATE
  local offered
  offered=$(own_apt "$1" apt-cache pkgnames odoo- | grep -xE 'odoo-[0-9]+' | sort -V) || return 1
  if grep -qx odoo-19 <<<"$offered"; then
    echo odoo-19
  else
    say "WARNING: DEBIAN UNSTABLE HAS NO odoo-19 ANY MORE; USING ${offered##*$'\n'} INSTEAD"
    echo "${offered##*$'\n'}"
  fi
}

# Leaves one odoo-NN_*.deb in STATE.
download() { # STATE
  local state=$1 archives archive package
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
  archives=$(configured_archives)
  for archive in $archives; do
    echo "deb [signed-by=$KEYRING] $archive unstable main" >"$state/sources.list"
    own_apt "$state" apt-get -o APT::Update::Error-Mode=any update >>"$state/log" 2>&1 || continue
    package=$(choose_package "$state") || continue
    (cd "$state" && own_apt "$state" apt-get download "$package") >>"$state/log" 2>&1 && return 0
  done
  tail -n 5 "$state/log" >&2 || true
  cannot "none of this machine's package archives gave an odoo-NN package of Debian unstable"
}

# Built aside and moved into place, so that an interrupted run leaves no half tree.
unpack() { # STATE CACHE
  local deb tree=$1/tree folder
  deb=$(find "$1" -maxdepth 1 -name 'odoo-*.deb')
  dpkg -x "$deb" "$tree"
  # The package's relative links (jquery, fonts) lead here; without them every page answers 500.
  for folder in javascript fonts fonts-font-awesome; do
    ln -sfn "/usr/share/$folder" "$tree/usr/share/$folder"
  done
  # The user that runs Odoo cannot write here, so without this every start would compile again.
  /usr/bin/python3 -m compileall -q -j0 "$tree/usr/lib/python3/dist-packages/odoo" >/dev/null 2>&1 || true
  cat >"$tree/odoo-bin" <<'WRAPPER'
#!/bin/sh
# The system's own Python, because the system's packages are what this Odoo runs on.
here=$(dirname "$(readlink -f "$0")")
export PYTHONPATH="$here/usr/lib/python3/dist-packages${PYTHONPATH:+:$PYTHONPATH}"
exec /usr/bin/python3 "$here/usr/bin/odoo" "$@"
WRAPPER
  chmod 755 "$tree" "$tree/odoo-bin"
  # shellcheck disable=SC2016 # dpkg's placeholders, not ours
  mv -T "$tree" "$2/$(dpkg-deb -W --showformat='${Package}_${Version}' "$deb")"
}

fetch() { # CACHE
  if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
    cannot "this is not a Debian-like machine; set ODOO_BIN to an Odoo of your own"
  fi
  [ -r $KEYRING ] || cannot "$KEYRING is missing; run scripts/install_packages.sh odoo"
  umask 022
  STATE=$(mktemp -d "$1/fetch.XXXXXX")
  trap 'rm -rf "$STATE"' EXIT
  chmod 755 "$STATE" # apt drops root to download
  say "fetching Odoo (about 125 MB) into $1"
  download "$STATE"
  unpack "$STATE" "$1"
}

main() {
  if [ -n "${ODOO_BIN:-}" ]; then
    [ -x "$ODOO_BIN" ] || cannot "ODOO_BIN=$ODOO_BIN is not a program"
    echo "ODOO_BIN=$ODOO_BIN"
    return
  fi
  local cache
  cache=$(cache_dir)
  if [ -z "$(cached_tree "$cache")" ]; then
    exec 9>>"$cache/lock" # two runs at once download once
    flock -w 1200 9 || cannot "another run has held $cache/lock for 20 minutes"
    [ -n "$(cached_tree "$cache")" ] || fetch "$cache"
  fi
  echo "ODOO_BIN=$(cached_tree "$cache")/odoo-bin"
}

main
