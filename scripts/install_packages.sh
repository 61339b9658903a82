#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
#
# Installs the Debian packages that a group of tasks needs, and only those that are missing:
#
#     scripts/install_packages.sh [build|odoo|check|browser]...      (default: build)
#
# A second run asks dpkg only: no network, no root, well under a second.
set -euo pipefail

build_packages=(
  g++ cmake ninja-build ccache pkg-config git ca-certificates
  libcpp-httplib-dev nlohmann-json3-dev libssl-dev libsqlitecpp-dev libsqlite3-dev libfmt-dev
  doctest-dev libcli11-dev libspdlog-dev libtomlplusplus-dev libpugixml-dev libre2-dev
  prometheus-cpp-dev libvalijson-dev
)

# What Odoo imports, what its web client links to, and what our own tests beside it need.
odoo_packages=(
  postgresql curl debian-archive-keyring rsync python3-pytest python3-jsonschema
  python3-{asn1crypto,babel,cbor2,chardet,cryptography,dateutil,docutils,geoip2,gevent,greenlet}
  python3-{idna,jinja2,libsass,lxml,markupsafe,num2words,ofxparse,openpyxl,openssl,pil,polib}
  python3-{psutil,psycopg2,pypdf,qrcode,reportlab,requests,rjsmin,serial,stdnum,urllib3,usb}
  python3-{vobject,werkzeug,xlrd,xlsxwriter,xlwt,zeep,freezegun,magic,passlib}
  libjs-jquery libjs-underscore libjs-jquery-form
  fonts-roboto-unhinted fonts-inconsolata fonts-font-awesome
)

check_packages=(
  clang clang-format clang-tidy libclang-rt-14-dev pylint flake8 python3-flake8 shellcheck nginx-light
  python3-pytest python3-jsonschema python3-lxml python3-cryptography openssl
)

browser_packages=(chromium chromium-driver)

fail() {
  echo "install_packages.sh: $*" >&2
  exit 1
}

# The packages of the groups named on the command line, one a line.
wanted_packages() {
  local group
  for group in "$@"; do
    case $group in
      build) printf '%s\n' "${build_packages[@]}" ;;
      odoo) printf '%s\n' "${odoo_packages[@]}" ;;
      check) printf '%s\n' "${check_packages[@]}" ;;
      browser) printf '%s\n' "${browser_packages[@]}" ;;
      *) fail "unknown group '$group'; the groups are build, odoo, check and browser" ;;
    esac
  done | sort -u
}

# We run private clusters, so the system's own one failing to start (usual in a container) leaves a
# postgresql package that dpkg calls half-configured and that is all we need.
have_postgresql_programs() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }

# Reads package names, prints those that are not installed. One dpkg-query call for all of them.
missing_packages() {
  local names
  mapfile -t names
  local installed
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${names[@]}" 2>/dev/null |
    sed -n 's/^installed //p') || true
  if have_postgresql_programs; then installed+=$'\npostgresql'; fi
  printf '%s\n' "${names[@]}" | grep -vxF -f <(printf '%s\n' "$installed") || true
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    env DEBIAN_FRONTEND=noninteractive "$@"
  else
    sudo env DEBIAN_FRONTEND=noninteractive "$@"
  fi
}

# Waits for a lock that another apt holds instead of failing at once.
apt() { as_root apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@"; }

install() { apt install --no-install-recommends "$@"; }

main() {
  local groups=("$@")
  [ ${#groups[@]} -gt 0 ] || groups=(build)

  local wanted
  wanted=$(wanted_packages "${groups[@]}")
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    fail "this is not a Debian-like machine (no dpkg, no apt-get); install the equivalents of these" \
      "packages yourself: ${wanted//$'\n'/ }"
  fi

  local missing
  mapfile -t missing < <(missing_packages <<<"$wanted")
  [ ${#missing[@]} -gt 0 ] || return 0
  echo "install_packages.sh: installing ${missing[*]}" >&2
  if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    fail "missing packages: ${missing[*]}; run this as root, or install sudo"
  fi

  # A fresh or an old machine has no usable package lists: fetch them and try once more.
  install "${missing[@]}" || { apt update && install "${missing[@]}"; } || true

  mapfile -t missing < <(missing_packages <<<"$wanted")
  [ ${#missing[@]} -eq 0 ] || fail "apt-get could not install: ${missing[*]}; its messages are above"
}

main "$@"
