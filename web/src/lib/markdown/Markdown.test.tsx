import { render } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { Markdown } from './Markdown';

const show = (text: string) => render(<Markdown text={text} />).container;

/** Known ways of getting markup or a script through a Markdown renderer. */
const ATTACKS = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<svg/onload=alert(1)>',
  '<svg><script>alert(1)</script></svg>',
  '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
  '<a href="javascript:alert(1)">x</a>',
  '<details open ontoggle=alert(1)>x</details>',
  '<math><mtext></p><img src=x onerror=alert(1)>',
  '<style>*{background:url(//evil)}</style>',
  '<form action="//evil"><input name=q></form>',
  '<base href="//evil">',
  '<meta http-equiv="refresh" content="0;url=//evil">',
  '<object data="javascript:alert(1)"></object>',
  '<!--><img src=x onerror=alert(1)>-->',
  '<![CDATA[<img src=x onerror=alert(1)>]]>',
  '[x](javascript:alert(1))',
  '[x](JaVaScRiPt:alert(1))',
  '[x](javascript&colon;alert(1))',
  '[x](java\nscript:alert(1))',
  '[x](java\tscript:alert(1))',
  '[x](\u0001javascript:alert(1))',
  '[x]( javascript:alert(1))',
  '[x](javascript://%0aalert(1))',
  '[x](vbscript:msgbox(1))',
  '[x](data:text/html,<script>alert(1)</script>)',
  '[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)',
  '[x](file:///etc/passwd)',
  '[x](blob:https://a/b)',
  '[x](//evil.example)',
  '[x](<javascript:alert(1)>)',
  '[x](https://a "onmouseover=alert(1)")',
  '[x](https://a" onmouseover="alert(1))',
  '[x][1]\n\n[1]: javascript:alert(1)',
  '![x](javascript:alert(1))',
  '![x](https://a/b.png"onerror="alert(1))',
  '![x](x onerror=alert(1))',
  '<javascript:alert(1)>',
  '<data:text/html,x>',
  'javascript:alert(1)',
  '`<img src=x onerror=alert(1)>`',
  '```\n<script>alert(1)</script>\n```',
  '```"><script>alert(1)</script>\nx\n```',
  '# <img src=x onerror=alert(1)>',
  '> <script>alert(1)</script>',
  '- <img src=x onerror=alert(1)>',
  '| <img src=x onerror=alert(1)> |\n|-|\n| <script>1</script> |',
  '**<b onclick=alert(1)>x</b>**',
  '[<img src=x onerror=alert(1)>](https://a)',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '\\<script>alert(1)</script>',
  '@<script>alert(1)</script>',
];

const ALLOWED = new Set(
  'DIV P STRONG EM DEL CODE PRE BR A UL OL LI BLOCKQUOTE HR TABLE THEAD TBODY TR TH TD SPAN INPUT'.split(' '),
);

describe('a message', () => {
  it.each(ATTACKS)('cannot bring markup or a script: %s', (attack) => {
    for (const element of show(attack).querySelectorAll('*')) {
      expect(ALLOWED, element.outerHTML).toContain(element.tagName);
      for (const { name } of element.attributes) expect(name).not.toMatch(/^on|^style$|^src/);
      const href = element.getAttribute('href');
      if (href) expect(new URL(href, 'https://here/').protocol).toMatch(/^(https?|mailto):$/);
    }
  });

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
