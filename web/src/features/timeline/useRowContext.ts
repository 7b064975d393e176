import { type Person, type Room, readersAt, receiptFloor, type Timeline } from '@chirm/client';
import { useMemo } from 'react';
import { useSelect } from '../../app/ClientContext';
import type { MentionKind } from '../../lib/markdown/mentions';

/** What every row of a room needs to know besides its message. */
export interface RowContext {
  room: Room;
  me: string;
  timeline: Timeline;
  people: Readonly<Record<string, Person>>;
  /** Up to where all others have received and read. */
  floor: { read_seq: number; delivered_seq: number } | null;
  readers: ReadonlyMap<number, string[]>;
  nameOf(user: string): string;
  mentionOf(username: string): MentionKind;
}

export function useRowContext(room: Room, timeline: Timeline): RowContext {
  const me = useSelect((state) => state.me);
  const people = useSelect((state) => state.people);
  const receipts = useSelect((state) => state.receipts[room.id]);
  return useMemo(() => {
    const usernames = new Set(Object.values(people).map((person) => person.username));
    return {
      room,
      me: me?.id ?? '',
      timeline,
      people,
      floor: receiptFloor(receipts, me?.id),
      readers: room.kind === 'direct' ? new Map() : readersAt(receipts, me?.id, timeline.messages),
      nameOf: (user) => people[user]?.display_name ?? '…',
      mentionOf: (username) => (username === me?.username ? 'me' : usernames.has(username) ? 'other' : null),
    };
  }, [room, me, people, receipts, timeline]);
}
