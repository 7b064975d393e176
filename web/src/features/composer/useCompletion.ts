import type { Room } from '@chirm/client';
import { type RefObject, useId, useMemo, useState } from 'react';
import { flushSync } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { useClient, useSelect } from '../../app/ClientContext';
import { useEmojis } from '../../lib/emoji/useEmojis';
import { completionQuery } from './completionQuery';
import { type Option, optionsFor } from './options';

interface Input {
  room: Room;
  area: RefObject<HTMLTextAreaElement | null>;
  text: string;
  setText(text: string): void;
}

/**
 * Offers people, channels, emoji and commands while their names are typed. The list is moved through without leaving the
 * text, as in a combobox; a text of several lines may not bear that role, so it stays a text box that points at its list.
 */
export function useCompletion({ room, area, text, setText }: Input) {
  const id = useId();
  const { t } = useTranslation();
  const client = useClient();
  // Named here because a list that is still being fetched changes what is offered.
  const members = useSelect((state) => state.members[room.id]);
  const [caret, setCaret] = useState(0);
  const [index, setIndex] = useState(0);
  const [dismissed, setDismissed] = useState<number | null>(null);
  const query = completionQuery(text, caret);
  const open = query && query.start !== dismissed ? query : null;
  const emojis = useEmojis(open?.kind === 'emoji');

  // biome-ignore lint/correctness/useExhaustiveDependencies: the query is a new object each time, its parts are not
  const options = useMemo(
    () => (open ? optionsFor(open, { client, room, emojis, t }) : []),
    [open?.kind, open?.text, open === null, members, emojis, client, room, t],
  );
  const chosen = Math.min(index, options.length - 1);

  /** Puts text in the place of what was typed from `start` on, and the caret behind it before the next key comes. */
  const put = (start: number, inserted: string) => {
    const before = text.slice(0, start) + inserted;
    flushSync(() => {
      setText(before + text.slice(caret));
      setCaret(before.length);
      setIndex(0);
    });
    area.current?.setSelectionRange(before.length, before.length);
  };
  const accept = (option: Option) => query && put(query.start, option.insert);

  /** True where the key was meant for the list. */
  const onKeyDown = (event: React.KeyboardEvent): boolean => {
    const option = options[chosen];
    if (!option || event.shiftKey) return false;
    // A command that is written out is carried out, not completed once more.
    if (event.key === 'Enter' && text === option.insert) return false;
    const named = open?.kind === 'emoji' && emojis?.byName.get(open.text);
    if (event.key === 'ArrowDown') setIndex((chosen + 1) % options.length);
    else if (event.key === 'ArrowUp') setIndex((chosen + options.length - 1) % options.length);
    else if (event.key === 'Enter' || event.key === 'Tab') accept(option);
    else if (event.key === 'Escape') setDismissed(query?.start ?? null);
    // The second colon of a name that is written out.
    else if (event.key === ':' && named && query) put(query.start, named.emoji);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  };

  return {
    onKeyDown,
    /** Puts text where the caret is, as from a picker. */
    insert: (inserted: string) => {
      put(area.current?.selectionStart ?? caret, inserted);
      // A picker that closes would give the focus back to its button.
      requestAnimationFrame(() => area.current?.focus());
    },
    /** Wherever the caret may have moved to: the browser tells it later than the text. */
    followCaret: (event: React.SyntheticEvent<HTMLTextAreaElement>) => setCaret(event.currentTarget.selectionStart),
    list: { id, kind: open?.kind ?? 'person', options, chosen, accept },
    field: {
      'aria-autocomplete': 'list' as const,
      'aria-haspopup': 'listbox' as const,
      'aria-controls': options.length > 0 ? id : undefined,
      'aria-activedescendant': options.length > 0 ? `${id}-${chosen}` : undefined,
    },
  };
}
