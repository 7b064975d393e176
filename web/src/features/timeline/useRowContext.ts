import { type Room, readersAt, receiptFloor, type Timeline } from '@chirm/client';
import { useMemo } from 'react';
import { useSelect } from '../../app/ClientContext';
import type { MentionKind } from '../../lib/markdown/mentions';

/** What every row of a room needs to know besides its message. */
export interface RowContext {
  me: string;
  /** Up to where all others have received and read. */
  floor: { read_seq: number; delivered_seq: number } | null;
  readers: ReadonlyMap<number, string[]>;
  nameOf(user: string): string;
  mentionOf(username: string): MentionKind;
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
function useNames(): Pick<RowContext, 'nameOf' | 'mentionOf'> {
  const people = useSelect((state) => state.people);
  const mine = useSelect((state) => state.me?.username);
  return useMemo(() => {
    const usernames = new Set(Object.values(people).map((person) => person.username));
    return {
      nameOf: (user) => people[user]?.display_name ?? '…',
      mentionOf: (username) => (username === mine ? 'me' : usernames.has(username) ? 'other' : null),
    };
  }, [people, mine]);
}
