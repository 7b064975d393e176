import { Lexer, type Token } from 'marked';
import { memo } from 'react';
import { blocks } from './block';
import type { Names } from './names';

const none: Names = { mentionOf: () => null, channelOf: () => null };

/** A few emoji and nothing else are shown larger. */
const PICTURES =
  /^(?:\s*(?:\p{RI}\p{RI}|\p{Emoji_Presentation}(?:\p{EMod}|\uFE0F)*(?:\u200D\p{Emoji}(?:\p{EMod}|\uFE0F)*)*)){1,5}\s*$/u;

/** A message's text. Parsed into tokens, never into HTML: there is no markup that could be injected. */
export const Markdown = memo(function Markdown({ text, names = none }: { text: string; names?: Names }) {
  return (
    <div className={PICTURES.test(text) ? 'prose prose-pictures' : 'prose'} dir="auto">
      {blocks(parse(text), names)}
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
