import { Fragment, type ReactNode } from 'react';

export type MentionKind = 'me' | 'other' | null;
export type MentionOf = (username: string) => MentionKind;

const NAME = /@([a-z0-9](?:[a-z0-9._-]{1,30})[a-z0-9_-])/giu;

/** Marks the names of people in plain text; a name that nobody bears stays text. */
export function withMentions(text: string, mentionOf: MentionOf): ReactNode {
  const parts: ReactNode[] = [];
  let from = 0;
  for (const match of text.matchAll(NAME)) {
    const kind = /[\w@]$/u.test(text.slice(0, match.index)) ? null : mentionOf((match[1] ?? '').toLowerCase());
    if (!kind) continue;
    parts.push(text.slice(from, match.index));
    parts.push(
      <span key={match.index} className={kind === 'me' ? 'mention mention-me' : 'mention'}>
        {match[0]}
      </span>,
    );
    from = match.index + match[0].length;
  }
  if (parts.length === 0) return text;
  return (
    <Fragment>
      {parts}
      {text.slice(from)}
    </Fragment>
  );
}
