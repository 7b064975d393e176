// Fails when the first load grows past what a phone on a slow network should have to fetch.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const MOST_KB = { js: 240, css: 20 };
const dist = new URL('../dist/', import.meta.url);

/** What a file makes the browser fetch with it: the page its scripts, a script what it imports statically. */
const needs = (text) => [
  ...text.matchAll(/(?:src|href)="\.\/([^"]+\.(?:js|css))"|(?:from|import)\s*["`']\.\/([^"`']+\.js)["`']/g),
];

const seen = new Map();
const visit = (path) => {
  if (seen.has(path)) return;
  const bytes = readFileSync(new URL(path, dist));
  seen.set(path, gzipSync(bytes).length);
  for (const [, linked, imported] of needs(bytes.toString())) visit(linked ?? `assets/${imported}`);
};
visit('index.html');

let failed = false;
for (const [kind, most] of Object.entries(MOST_KB)) {
  const files = [...seen].filter(([path]) => path.endsWith(`.${kind}`));
  const kb = files.reduce((sum, [, bytes]) => sum + bytes, 0) / 1024;
  failed ||= files.length === 0 || kb > most;
  console.log(`${kind}: ${kb.toFixed(1)} kB gz of ${most} (${files.length} files)`);
}
process.exit(failed ? 1 : 0);
