import { Fragment, type ReactNode } from 'react';
import { Link } from 'wouter';
import { EmojiText, hasEmoji } from '../emoji/EmojiText';

export type MentionKind = 'me' | 'other' | null;

/** What names in a text stand for; a name that nobody and nothing bears stays text. */
export interface Names {
  mentionOf(username: string): MentionKind;
  /** The id of the channel of that name, where it is one of mine. */
  channelOf(name: string): string | null;
}

const NAME = /([@#])([a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9_-])?)/giu;

/** Plain text with the names of people marked, those of channels leading there, and those of emoji told. */
export function withNames(text: string, names: Names): ReactNode {
  const parts: ReactNode[] = [];
  let from = 0;
  for (const match of text.matchAll(NAME)) {
    const [whole, sign, name = ''] = match;
    if (/[\w@#/&]$/u.test(text.slice(0, match.index))) continue;
    const shown = sign === '@' ? person(whole, name.toLowerCase(), names) : channel(whole, name.toLowerCase(), names);
    if (!shown) continue;
    parts.push(plain(text.slice(from, match.index)), <Fragment key={match.index}>{shown}</Fragment>);
    from = match.index + whole.length;
  }
  if (parts.length === 0) return plain(text);
  return (
    <>
      {parts.map((part, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a message's parts never change places
        <Fragment key={i}>{part}</Fragment>
      ))}
      {plain(text.slice(from))}
    </>
  );
}

function plain(text: string): ReactNode {
  return hasEmoji(text) ? <EmojiText text={text} /> : text;
}

function person(whole: string, name: string, names: Names): ReactNode {
  const kind = names.mentionOf(name);
  return kind && <span className={kind === 'me' ? 'mention mention-me' : 'mention'}>{whole}</span>;
}

function channel(whole: string, name: string, names: Names): ReactNode {
  const id = names.channelOf(name);
  return (
    id && (
      <Link href={`/r/${id}`} className="mention">
        {whole}
      </Link>
    )
  );
}
