import { type Room, readersAt, receiptFloor, type State, type Timeline } from '@chirm/client';
import { useMemo } from 'react';
import { useSelect } from '../../app/ClientContext';
import type { Names } from '../../lib/markdown/names';

/** What every row of a room needs to know besides its message. */
export interface RowContext {
  me: string;
  /** Up to where all others have received and read. */
  floor: { read_seq: number; delivered_seq: number } | null;
  readers: ReadonlyMap<number, string[]>;
  nameOf(user: string): string;
  names: Names;
}

export function useRowContext(room: Room, timeline: Timeline): RowContext {
  const me = useSelect((state) => state.me?.id ?? '');
  const receipts = useSelect((state) => state.receipts[room.id]);
  const names = useNames();
  const { messages } = timeline;
  const direct = room.kind === 'direct';
  return useMemo(
    () => ({
      me,
      floor: receiptFloor(receipts, me),
      readers: direct ? new Map() : readersAt(receipts, me, messages),
      ...names,
    }),
    [me, receipts, messages, direct, names],
  );
}

/** The same functions until somebody's name changes, so that a new message renders no other row. */
function useNames(): Pick<RowContext, 'nameOf' | 'names'> {
  const people = useSelect((state) => state.people);
  const mine = useSelect((state) => state.me?.username);
  const channels = useSelect(channelNames);
  return useMemo(() => {
    const usernames = new Set(Object.values(people).map((person) => person.username));
    return {
      nameOf: (user) => people[user]?.display_name ?? '…',
      names: {
        mentionOf: (username) => (username === mine ? 'me' : usernames.has(username) ? 'other' : null),
        channelOf: (name) => (Object.hasOwn(channels, name) ? (channels[name] ?? null) : null),
      },
    };
  }, [people, mine, channels]);
}

function channelNames({ rooms }: State): Record<string, string> {
  const named = Object.values(rooms).filter(({ kind }) => kind === 'channel');
  return Object.fromEntries(named.map(({ name, id }) => [name?.toLowerCase() ?? '', id]));
}
