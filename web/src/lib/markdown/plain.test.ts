import { expect, it } from 'vitest';
import { plain } from './plain';

it.each([
  ['The **release _notes_** are `ready`.', 'The release notes are ready.'],
  ['# Title\n\nand\ntext', 'Title and text'],
  ['- one\n- two', 'one, two'],
  ['> quoted\n\n```rust\nfn main() {}\n```', 'quoted fn main() {}'],
  ['see [here](https://example.org)', 'see here'],
  ['<b>raw</b> & more', '<b>raw</b> & more'],
  ['---', '---'],
  ['¯\\\\\\_(ツ)\\_/¯', '¯\\_(ツ)_/¯'],
])('%j in one line', (body, line) => {
  expect(plain(body)).toBe(line);
});
