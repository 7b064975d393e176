import { type Joined, type Message, type Queued, type Row, rows } from '@chirm/client';
import { useMemo, useRef } from 'react';
import { dayOf } from '../../lib/time';

/** The rows to show. A row that did not change stays the same object, so that its view does not render again. */
export function useRows(
  messages: readonly Message[],
  queue: readonly Queued[],
  newAfter: number | null,
  joined: readonly Joined[],
): readonly Row[] {
  const held = useRef(new Map<string, Row>());
  return useMemo(() => {
    const next = rows({ messages, queue, newAfter, joined, dayOf }).map((row) => {
      const before = held.current.get(row.key);
      return before && unchanged(before, row) ? before : row;
    });
    held.current = new Map(next.map((row) => [row.key, row]));
    return next;
  }, [messages, queue, newAfter, joined]);
}

function unchanged(a: Row, b: Row): boolean {
  if (a.kind === 'message' && b.kind === 'message') return a.message === b.message && a.head === b.head;
  if (a.kind === 'queued' && b.kind === 'queued') return a.queued === b.queued && a.head === b.head;
  if (a.kind === 'joined' && b.kind === 'joined') return a.users.join() === b.users.join();
  return a.kind === b.kind && (a.kind === 'day' || a.kind === 'new');
}
