#!/usr/bin/env bash
# Runs the scenarios of tests/soak in full, one after the other, and ends with a table of what was measured.
# usage: soak.sh [scenario [count [seed]]]     (default: all of them, as often as docs/reliability.md says)
set -uo pipefail
cd "$(dirname "$0")/.."
folder=${CARGO_TARGET_DIR:-target}/tmp/soak
mkdir -p "$folder"; : > "$folder/table.md"
status=0
export CHIRM_TEST_SOAK=full CHIRM_TEST_COUNT=${2:-} CHIRM_TEST_SEED=${3:-} RUST_BACKTRACE=0
run() { cargo test --test soak "${@:2}" -- --nocapture --include-ignored --test-threads=1 $1 || status=$?; }

# Faults inside the server are in debug builds alone; but thousands of clients of a debug build come too slowly to be a storm.
storm=reconnect_storm
case "${1:-}" in
  "") run "--skip $storm"; run "$storm" --release ;;
  "$storm" | storm*) run "$1" --release ;;
  *) run "$1" ;;
esac

echo; echo "$(date -u +%F), $(git rev-parse --short HEAD), $(nproc) cores"
echo "| scenario | count | seeds | took | result |"; echo "|---|---|---|---|---|"
cat "$folder/table.md"
[ "$status" -eq 0 ] || echo "red runs: see above; their histories are in $folder"
exit "$status"
