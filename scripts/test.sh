#!/usr/bin/env bash
# Runs every test and ends with a summary. A part that fails does not keep the others from running.
# usage: test.sh [rust] [web] [browser]     (default: all)
set -uo pipefail
cd "$(dirname "$0")/.."
parts=("$@"); [ ${#parts[@]} -gt 0 ] || parts=(rust web browser)
passed=0 failed=0 log=$(mktemp) rows=() reasons=()
trap 'rm -f "$log"' EXIT

# name, what to match, how to read "passed failed" from the log, then the command
part() {
  local name=$1 read=$2 from=$SECONDS; shift 2
  echo; echo "== $name"
  "$@" 2>&1 | tee "$log"
  local status=${PIPESTATUS[0]} ok bad
  read -r ok bad < <("$read" "$log")
  [ "$status" -eq 0 ] || [ "${bad:-0}" -gt 0 ] || bad=1
  [ "${ok:-0}" -gt 0 ] || { echo "$name ran no test"; bad=$((bad + 1)); }
  passed=$((passed + ok)) failed=$((failed + bad))
  [ "${bad:-0}" -eq 0 ] || reasons+=("$(reasons "$log")")
  rows+=("$(printf '%-10s %5d passed %3d failed %5d s' "$name" "$ok" "$bad" $((SECONDS - from)))")
}
# What failed and why, to stand by the summary: in thousands of lines nobody finds it.
reasons() {
  sed 's/\x1b\[[0-9;]*m//g' "$1" | awk '
    /^thread .* panicked at / { left = 5 }       # cargo
    /^ *FAIL / { left = 4 }                      # Vitest
    /^ *[0-9]+\) \[/ { left = 8 }                # Playwright
    /Call [Ll]og:|stack backtrace:/ { left = 0 }
    NF && left-- > 0
    /^ *> *[0-9]+ \|/ && left <= 0               # the line of the test' | cut -c1-300 | head -40
}
cargo_counts() { awk '/^test result:/ { ok += $4; bad += $6 } END { print ok + 0, bad + 0 }' "$1"; }
vitest_counts() { sed 's/\x1b\[[0-9;]*m//g' "$1" | awk '$1 == "Tests" { for (i = 2; i <= NF; i++) { if ($i == "passed") ok = $(i-1); if ($i == "failed") bad = $(i-1) } } END { print ok + 0, bad + 0 }'; }
playwright_counts() { sed 's/\x1b\[[0-9;]*m//g' "$1" | awk '$2 == "passed" { ok = $1 } $2 == "failed" { bad = $1 } END { print ok + 0, bad + 0 }'; }

for name in "${parts[@]}"; do
  case "$name" in
    # Many tests wait for a server's own beats rather than for a core.
    rust) part rust cargo_counts env RUST_TEST_THREADS="${RUST_TEST_THREADS:-4}" cargo test --no-fail-fast ;;
    web) part web vitest_counts npm --prefix web test ;;
    browser) part browser playwright_counts npm --prefix web run e2e ;;
    *) echo "no such part: $name" >&2; exit 2 ;;
  esac
done

[ ${#reasons[@]} -eq 0 ] || { echo; echo "== what failed"; printf '%s\n' "${reasons[@]}"; }
echo; printf '%s\n' "${rows[@]}"; echo
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
