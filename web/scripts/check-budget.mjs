// Fails when the first load grows past what a phone on a slow network should have to fetch.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const MOST_KB = { js: 240, css: 20 };
const dist = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));
const entry = Object.values(manifest).find((chunk) => chunk.isEntry);

const files = { js: new Set(), css: new Set() };
const visit = (chunk) => {
  if (files.js.has(chunk.file)) return;
  files.js.add(chunk.file);
  for (const css of chunk.css ?? []) files.css.add(css);
  for (const name of chunk.imports ?? []) visit(manifest[name]);
};
visit(entry);

let failed = false;
for (const [kind, names] of Object.entries(files)) {
  const bytes = [...names].reduce((sum, name) => sum + gzipSync(readFileSync(new URL(name, dist))).length, 0);
  const kb = bytes / 1024;
  failed ||= kb > MOST_KB[kind];
  console.log(`${kind}: ${kb.toFixed(1)} kB gz of ${MOST_KB[kind]} (${names.size} files)`);
}
process.exit(failed ? 1 : 0);
