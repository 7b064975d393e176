#!/usr/bin/env bash
# Makes sure that what a step needs is on this machine: installs it as root on Debian, says what is missing elsewhere.
# usage: need.sh build | web | test | soak
set -euo pipefail

missing=()
want() { # a test, then the Debian package that makes it true
  eval "$1" >/dev/null 2>&1 || missing+=("$2")
}

build() {
  want "command -v cc" build-essential
  want "command -v pkg-config" pkg-config
  want "pkg-config --exists openssl" libssl-dev
}
test_servers() {
  want "ls /usr/lib/postgresql/*/bin/postgres" postgresql
  want "test -x /usr/bin/chromium" chromium
}

node_is_new_enough() {
  command -v npm >/dev/null && node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)'
}

case "${1:-}" in
  build) build ;;
  web) node_is_new_enough || { echo "The web client is built with Node 20.19 or newer: install it (nodejs.org), then try again." >&2; exit 1; } ;;
  test) build; test_servers ;;
  soak)
    build; test_servers
    want "command -v mkfs.ext4" e2fsprogs
    want "command -v mkfs.xfs && command -v xfs_io" xfsprogs
    [ "$(id -u)" = 0 ] || { echo "The scenarios on real file systems mount them, which takes root." >&2; exit 1; }
    ;;
  *) echo "usage: $0 build | web | test | soak" >&2; exit 2 ;;
esac

if ! command -v cargo >/dev/null; then
  echo "Chirm is built with Rust: install it (rustup.rs), then try again." >&2
  exit 1
fi
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing: ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  # PostgreSQL's package would start a cluster of its own, which nobody needs here.
  mkdir -p /etc/postgresql-common
  [ -e /etc/postgresql-common/createcluster.conf ] || echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
else
  echo "Missing: ${missing[*]} (names of Debian's packages). Install them, then try again:" >&2
  echo "  sudo apt-get install ${missing[*]}" >&2
  exit 1
fi
