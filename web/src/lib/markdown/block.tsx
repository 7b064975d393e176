import type { Token, Tokens } from 'marked';
import { Fragment, type ReactNode } from 'react';
import { CodeBlock } from './CodeBlock';
import { DEEPEST, inline } from './inline';
import type { Names } from './names';

export function blocks(tokens: readonly Token[], names: Names, depth = 0): ReactNode {
  return tokens.map((token, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a message's tokens never change places
    <Fragment key={i}>{one(token, names, depth + 1)}</Fragment>
  ));
}

function one(token: Token, names: Names, depth: number): ReactNode {
  if (depth > DEEPEST) return token.raw;
  const { tokens = [] } = token as Tokens.Generic;
  switch (token.type) {
    case 'space':
      return null;
    case 'paragraph':
      return <p>{inline(tokens, names, depth)}</p>;
    case 'text':
      return tokens.length > 0 ? inline(tokens, names, depth) : token.text;
    // A heading in a message is a loud line; it is no part of the page's outline.
    case 'heading':
      return (
        <p>
          <strong>{inline(tokens, names, depth)}</strong>
        </p>
      );
    case 'blockquote':
      return <blockquote>{blocks(tokens, names, depth)}</blockquote>;
    case 'code':
      return <CodeBlock text={token.text} language={languageOf(token as Tokens.Code)} />;
    case 'hr':
      return <hr />;
    case 'list':
      return list(token as Tokens.List, names, depth);
    case 'table':
      return table(token as Tokens.Table, names, depth);
    // Raw HTML, and whatever else there may be, is text.
    default:
      return <p>{token.raw.trimEnd()}</p>;
  }
}

/** The first word after the fence, as in `rust ignore`. */
function languageOf({ lang }: Tokens.Code): string {
  return /^[\w+#-]+/.exec(lang ?? '')?.[0].toLowerCase() ?? '';
}

function list(token: Tokens.List, names: Names, depth: number): ReactNode {
  const items = token.items.map((item, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a message's tokens never change places
    <li key={i}>
      {item.task && <input type="checkbox" checked={item.checked ?? false} disabled readOnly />}
      {blocks(
        item.tokens.filter((part) => part.type !== 'checkbox'),
        names,
        depth,
      )}
    </li>
  ));
  return token.ordered ? <ol start={Number(token.start) || 1}>{items}</ol> : <ul>{items}</ul>;
}

function table(token: Tokens.Table, names: Names, depth: number): ReactNode {
  const cells = (row: Tokens.TableCell[], Cell: 'th' | 'td') =>
    // biome-ignore lint/suspicious/noArrayIndexKey: a message's tokens never change places
    row.map((cell, i) => <Cell key={i}>{inline(cell.tokens, names, depth)}</Cell>);
  return (
    <table>
      <thead>
        <tr>{cells(token.header, 'th')}</tr>
      </thead>
      <tbody>
        {token.rows.map((row, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a message's tokens never change places
          <tr key={i}>{cells(row, 'td')}</tr>
        ))}
      </tbody>
    </table>
  );
}
