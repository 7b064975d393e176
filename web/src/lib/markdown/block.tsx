import type { Token, Tokens } from 'marked';
import { Fragment, type ReactNode } from 'react';
import { DEEPEST, inline } from './inline';
import type { MentionOf } from './mentions';

export function blocks(tokens: readonly Token[], mentionOf: MentionOf, depth = 0): ReactNode {
  return tokens.map((token, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a message's tokens never change places
    <Fragment key={i}>{one(token, mentionOf, depth + 1)}</Fragment>
  ));
}

function one(token: Token, mentionOf: MentionOf, depth: number): ReactNode {
  if (depth > DEEPEST) return token.raw;
  const { tokens = [] } = token as Tokens.Generic;
  switch (token.type) {
    case 'space':
      return null;
    case 'paragraph':
      return <p>{inline(tokens, mentionOf, depth)}</p>;
    case 'text':
      return tokens.length > 0 ? inline(tokens, mentionOf, depth) : token.text;
    // A heading in a message is a loud line; it is no part of the page's outline.
    case 'heading':
      return (
        <p>
          <strong>{inline(tokens, mentionOf, depth)}</strong>
        </p>
      );
    case 'blockquote':
      return <blockquote>{blocks(tokens, mentionOf, depth)}</blockquote>;
    case 'code':
      return <CodeBlock text={token.text} />;
    case 'hr':
      return <hr />;
    case 'list':
      return list(token as Tokens.List, mentionOf, depth);
    case 'table':
      return table(token as Tokens.Table, mentionOf, depth);
    // Raw HTML, and whatever else there may be, is text.
    default:
      return <p>{token.raw.trimEnd()}</p>;
  }
}

function CodeBlock({ text }: { text: string }) {
  return (
    <pre dir="ltr">
      <code>{text}</code>
    </pre>
  );
}

function list(token: Tokens.List, mentionOf: MentionOf, depth: number): ReactNode {
  const items = token.items.map((item, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a message's tokens never change places
    <li key={i}>
      {item.task && <input type="checkbox" checked={item.checked ?? false} disabled readOnly />}
      {blocks(
        item.tokens.filter((part) => part.type !== 'checkbox'),
        mentionOf,
        depth,
      )}
    </li>
  ));
  return token.ordered ? <ol start={Number(token.start) || 1}>{items}</ol> : <ul>{items}</ul>;
}

function table(token: Tokens.Table, mentionOf: MentionOf, depth: number): ReactNode {
  const cells = (row: Tokens.TableCell[], Cell: 'th' | 'td') =>
    // biome-ignore lint/suspicious/noArrayIndexKey: a message's tokens never change places
    row.map((cell, i) => <Cell key={i}>{inline(cell.tokens, mentionOf, depth)}</Cell>);
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
