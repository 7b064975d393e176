import { cleanup, render } from '@testing-library/react';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ATTACKS } from './attacks';
import { Markdown } from './Markdown';
import type { Names } from './names';

/** Everybody and every channel exists, so that names become elements too. */
const names: Names = { mentionOf: () => 'other', channelOf: () => 'room-1' };
const ELEMENTS = new Set(
  'DIV P STRONG EM DEL CODE PRE BR A UL OL LI BLOCKQUOTE HR TABLE THEAD TBODY TR TH TD SPAN INPUT'.split(' '),
);
const ATTRIBUTES = new Set(
  'class dir href target rel start type checked disabled readonly role aria-label title data-language'.split(' '),
);

/** Nothing but what a message may consist of. */
function harmless(text: string): void {
  const { container } = render(<Markdown text={text} names={names} />);
  for (const element of container.querySelectorAll('*')) {
    expect(ELEMENTS, element.outerHTML).toContain(element.tagName);
    for (const { name } of element.attributes) expect(ATTRIBUTES, element.outerHTML).toContain(name);
    const href = element.getAttribute('href');
    if (href) expect(new URL(href, 'https://here.example/').protocol).toMatch(/^(https?|mailto):$/);
    if (element.getAttribute('target')) expect(element.getAttribute('rel')).toContain('noopener');
    if (element.tagName === 'INPUT') expect(element.getAttribute('type')).toBe('checkbox');
  }
  cleanup();
}

const SIGNS =
  '* _ ~ ` ``` [ ] ( ) < > ! # - | > " \' \n \t : / \\ & ; = @ 😀 javascript: <script> onerror= 1. \u0000 \u202e'.split(
    ' ',
  );

describe('a message', () => {
  it('is tried with a serious number of attacks, each once', () => {
    expect(ATTACKS.length).toBeGreaterThanOrEqual(180);
    expect(new Set(ATTACKS).size).toBe(ATTACKS.length);
  });

  it.each(ATTACKS)('cannot bring markup or a script: %s', harmless);

  it('cannot either when attacks stand in each other, are cut, or are mixed with Markdown', () => {
    const part = fc.oneof(
      fc.constantFrom(...ATTACKS),
      fc.constantFrom(...SIGNS),
      fc.string({ unit: 'binary', maxLength: 6 }),
      fc.tuple(fc.constantFrom(...ATTACKS), fc.nat(40)).map(([attack, at]) => attack.slice(at)),
    );
    const text = fc.array(part, { maxLength: 8 }).map((parts) => parts.join(''));
    fc.assert(fc.property(text, harmless), { numRuns: 300 });
  }, 60_000);
});
