import { render } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { Markdown } from './Markdown';

const show = (text: string) => render(<Markdown text={text} />).container;

describe('a message', () => {
  it('may be nested absurdly deep', () => {
    for (const text of ['>'.repeat(5_000), '- '.repeat(2_000), '*'.repeat(5_000), '['.repeat(5_000)]) {
      expect(show(text).querySelector('.prose')?.childNodes.length).toBeGreaterThan(0);
    }
  });

  it('shows raw HTML as the text it is', () => {
    expect(show('<b>bold</b> & <i>more</i>').textContent).toBe('<b>bold</b> & <i>more</i>');
    expect(show('&amp; &lt;').textContent).toBe('&amp; &lt;');
  });

  it('shows what people use', () => {
    const box = show('**a** _b_ ~~c~~ `d` https://example.org\n\n> e\n\n- f\n- g\n\n```\nh\n```');
    for (const tag of ['strong', 'em', 'del', 'code', 'a', 'blockquote', 'ul', 'pre']) {
      expect(box.querySelector(tag), tag).not.toBeNull();
    }
    expect(box.querySelector('a')?.rel).toContain('noopener');
  });

  it('keeps line breaks', () => {
    expect(show('one\ntwo').querySelectorAll('br')).toHaveLength(1);
  });

  it('does not load pictures from elsewhere', () => {
    const box = show('![a cat](https://example.org/cat.png)');
    expect(box.querySelector('img')).toBeNull();
    expect(box.querySelector('a')?.textContent).toBe('a cat');
  });

  it('marks names that somebody bears, and mine differently', () => {
    const kind = (name: string) => (name === 'me' ? 'me' : name === 'bob' ? 'other' : null) as 'me' | 'other' | null;
    const named = (name: string) => (name === 'mee' ? 'me' : kind(name));
    const { container } = render(
      <Markdown
        text="@bob, ask @mee. Not @nobody or a@bob.org or `@bob`"
        names={{ mentionOf: named, channelOf: () => null }}
      />,
    );
    expect([...container.querySelectorAll('.mention')].map((mark) => mark.textContent)).toEqual(['@bob', '@mee']);
    expect(container.querySelectorAll('.mention-me')).toHaveLength(1);
  });
});
