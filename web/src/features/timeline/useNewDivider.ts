import type { Room } from '@chirm/client';
import { useEffect, useState } from 'react';
import { later, useLater } from '../../app/later';

/** The first message that is new: the one that was marked by hand, else the first unread. */
export function firstNew(room: Room): number | undefined {
  return later.get(room.id) ?? (room.unread > 0 ? room.read_seq + 1 : undefined);
}

/** Where the new messages began when the room was opened. Stays there until one leaves, or presses Esc. */
export function useNewDivider(room: Room) {
  const { id } = room;
  const marked = useLater()[id];
  const [first, setFirst] = useState(() => firstNew(room));
  useEffect(() => {
    if (marked !== undefined) setFirst(marked);
  }, [marked]);
  // Who comes to read it again need not be reminded any more.
  useEffect(() => later.clear(id), [id]);
  return { after: first === undefined ? null : first - 1, clear: () => setFirst(undefined) };
}
