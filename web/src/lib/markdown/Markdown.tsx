import { Lexer, type Token } from 'marked';
import { memo } from 'react';
import { blocks } from './block';
import type { MentionOf } from './mentions';

const nobody: MentionOf = () => null;

/** A message's text. Parsed into tokens, never into HTML: there is no markup that could be injected. */
export const Markdown = memo(function Markdown({ text, mentionOf = nobody }: { text: string; mentionOf?: MentionOf }) {
  return (
    <div className="prose" dir="auto">
      {blocks(parse(text), mentionOf)}
    </div>
  );
});

function parse(text: string): Token[] {
  try {
    return new Lexer({ gfm: true, breaks: true }).lex(text);
  } catch {
    // Text that the parser gives up on (a thousand nested quotes) is still text.
    return [{ type: 'text', raw: text, text }];
  }
}
