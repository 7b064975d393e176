import { Lexer, type Token, type Tokens } from 'marked';

/** A message in one line without its Markdown, as for a quote. Text, wherever it is shown. */
export function plain(body: string): string {
  try {
    const text = new Lexer({ gfm: true, breaks: true }).lex(body).map(textOf).join(' ');
    return text.replace(/\s+/g, ' ').trim() || body;
  } catch {
    return body;
  }
}

function textOf(token: Token): string {
  const { tokens, text, raw, items } = token as Tokens.Generic & { items?: Tokens.ListItem[] };
  if (items) return items.map((item) => item.tokens.map(textOf).join(' ')).join(', ');
  if (tokens && tokens.length > 0) return tokens.map(textOf).join('');
  if (token.type === 'space' || token.type === 'br' || token.type === 'hr' || token.type === 'checkbox') return ' ';
  return token.type === 'html' ? raw : (text ?? raw);
}
