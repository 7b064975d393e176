#!/usr/bin/env bash
# Licences, banned crates and sources of everything that goes into the binary and the web client.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! cargo deny --version >/dev/null 2>&1; then
  echo "Installing cargo-deny, once for this machine"
  cargo install cargo-deny --version 0.20.2 --locked --quiet
fi
# The crates of other platforms too: a build fetches only its own.
cargo fetch --locked --quiet
cargo deny --offline check --hide-inclusion-graph bans licenses sources

# What npm installs says its licence in the lock file.
node - <<'JS'
const allowed = new Set(["MIT", "Apache-2.0", "ISC", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "MPL-2.0", "CC0-1.0", "CC-BY-4.0", "Unlicense", "BlueOak-1.0.0", "Python-2.0", "MIT OR Apache-2.0", "Apache-2.0 OR MIT", "MIT AND ISC", "(MIT OR CC0-1.0)", "(MIT AND BSD-3-Clause)"]);
// Their package.json names none; the licence file beside it is Apache-2.0.
const silent = new Set(["node_modules/@react-aria/optimize-locales-plugin"]);
const { packages } = JSON.parse(require("node:fs").readFileSync("web/package-lock.json", "utf8"));
const bad = Object.entries(packages).filter(([path, p]) => path.includes("node_modules/") && !p.link && !allowed.has(p.license) && !(p.license === undefined && silent.has(path)));
for (const [path, p] of bad) console.error(`${path}: licence ${p.license ?? "not given"}`);
console.log(`npm: ${Object.keys(packages).length} packages, ${bad.length} with a licence that is not on the list`);
process.exit(bad.length ? 1 : 0);
JS
