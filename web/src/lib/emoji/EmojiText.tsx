import { Fragment, type ReactNode } from 'react';
import { useEmojis } from './useEmojis';

/** One picture each, with its tone, its parts and the selector for colour; letters and digits that could be one are not. */
const EMOJI =
  /(?:\p{RI}\p{RI}|\p{Emoji}(?:\p{EMod}|\uFE0F\u20E3?|[\u{E0020}-\u{E007E}]+\u{E007F})?(?:\u200D\p{Emoji}(?:\p{EMod}|\uFE0F)?)*)/gu;

function isPicture(match: string): boolean {
  return /\p{Emoji_Presentation}|\uFE0F|\p{RI}\p{RI}/u.test(match);
}

export function hasEmoji(text: string): boolean {
  return /\p{Emoji_Presentation}|\uFE0F/u.test(text);
}

/** Text whose emoji say what they are, on hover and to those who do not see them. */
export function EmojiText({ text }: { text: string }) {
  const set = useEmojis(true);
  if (!set) return text;
  const parts: ReactNode[] = [];
  let from = 0;
  for (const match of text.matchAll(EMOJI)) {
    const label = isPicture(match[0]) ? set.labelOf(match[0]) : undefined;
    if (!label) continue;
    parts.push(text.slice(from, match.index));
    parts.push(
      <span key={match.index} role="img" aria-label={label} title={label} className="emoji">
        {match[0]}
      </span>,
    );
    from = match.index + match[0].length;
  }
  return (
    <Fragment>
      {parts}
      {text.slice(from)}
    </Fragment>
  );
}
