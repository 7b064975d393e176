import { type RefObject, useId, useMemo, useState } from 'react';
import { useClient, useSelect } from '../../app/ClientContext';
import { type Candidate, candidates, mentionQuery } from './mentionQuery';

interface Input {
  room: string;
  area: RefObject<HTMLTextAreaElement | null>;
  text: string;
  setText(text: string): void;
}

/**
 * Offers names while one is typed after an at-sign. The list is moved through without leaving the text, as in a combobox;
 * a text of several lines may not bear that role, so it stays a text box that points at its list.
 */
export function useMentions({ room, area, text, setText }: Input) {
  const id = useId();
  const { store } = useClient();
  const members = useSelect((state) => state.members[room]);
  const [caret, setCaret] = useState(0);
  const [index, setIndex] = useState(0);
  const [dismissed, setDismissed] = useState<number | null>(null);
  const query = mentionQuery(text, caret);
  const wanted = query && query.start !== dismissed ? query.text : null;

  const options = useMemo(() => {
    if (wanted === null) return [];
    const { people, me } = store.get();
    const everybody: Candidate[] = members?.map((member) => ({ ...member, id: member.user })) ?? Object.values(people);
    return candidates(
      everybody.filter((person) => person.id !== me?.id),
      wanted,
    );
  }, [wanted, members, store]);
  const chosen = Math.min(index, options.length - 1);
  const open = options.length > 0;

  const accept = (person: Candidate) => {
    if (!query) return;
    const before = `${text.slice(0, query.start)}@${person.username} `;
    setText(before + text.slice(caret));
    setCaret(before.length);
    setIndex(0);
    requestAnimationFrame(() => {
      area.current?.focus();
      area.current?.setSelectionRange(before.length, before.length);
    });
  };

  /** True where the key was meant for the list. */
  const onKeyDown = (event: React.KeyboardEvent): boolean => {
    const person = options[chosen];
    if (!person) return false;
    if (event.shiftKey) return false;
    if (event.key === 'ArrowDown') setIndex((chosen + 1) % options.length);
    else if (event.key === 'ArrowUp') setIndex((chosen + options.length - 1) % options.length);
    else if (event.key === 'Enter' || event.key === 'Tab') accept(person);
    else if (event.key === 'Escape') setDismissed(query?.start ?? null);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  };

  return {
    onKeyDown,
    onSelect: (event: React.SyntheticEvent<HTMLTextAreaElement>) => setCaret(event.currentTarget.selectionStart),
    list: { id, options, chosen, accept },
    field: {
      'aria-autocomplete': 'list' as const,
      'aria-haspopup': 'listbox' as const,
      'aria-controls': open ? id : undefined,
      'aria-activedescendant': open ? `${id}-${chosen}` : undefined,
    },
  };
}
