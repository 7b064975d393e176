import type { Room } from '@chirm/client';
import { useState } from 'react';

/** Where the unread messages began when the room was opened. Stays there until one leaves, or presses Esc. */
export function useNewDivider(room: Room) {
  const [after, setAfter] = useState<number | null>(room.unread > 0 ? room.read_seq : null);
  return { after, clear: () => setAfter(null) };
}
