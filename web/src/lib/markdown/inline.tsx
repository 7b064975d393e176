import type { Token, Tokens } from 'marked';
import { Fragment, type ReactNode } from 'react';
import { Anchor } from './Anchor';
import { type Names, withNames } from './names';

/** Deeper than this is nobody's writing; the rest is shown as it was typed. */
export const DEEPEST = 16;

export function inline(tokens: readonly Token[] | undefined, names: Names, depth: number): ReactNode {
  return tokens?.map((token, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a message's tokens never change places
    <Fragment key={i}>{one(token, names, depth + 1)}</Fragment>
  ));
}

function one(token: Token, names: Names, depth: number): ReactNode {
  if (depth > DEEPEST) return token.raw;
  const within = () => inline((token as Tokens.Generic).tokens, names, depth);
  switch (token.type) {
    case 'strong':
      return <strong>{within()}</strong>;
    case 'em':
      return <em>{within()}</em>;
    case 'del':
      return <del>{within()}</del>;
    case 'codespan':
      return <code dir="ltr">{token.text}</code>;
    case 'br':
      return <br />;
    case 'escape':
      return token.text;
    case 'link':
      return <Anchor href={token.href}>{within()}</Anchor>;
    // Pictures from elsewhere would tell their host who reads; they are shown as what they are, a link.
    case 'image':
      return <Anchor href={token.href}>{token.text || token.href}</Anchor>;
    case 'text':
      return token.tokens ? within() : withNames(token.text, names);
    // Raw HTML, and whatever else there may be, is text.
    default:
      return token.raw;
  }
}
