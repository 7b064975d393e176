import type { Message, Uuid } from '../generated';
import type { MemberMarks, Watermarks } from '../state/types';

export type Delivery = 'sent' | 'delivered' | 'read';
type Receipts = Readonly<Record<Uuid, MemberMarks>> | undefined;

/** Up to where all others in a room have received and read, as far as they share it; null where nobody else is known. */
export function receiptFloor(receipts: Receipts, me: Uuid | undefined): Watermarks | null {
  const others = othersOf(receipts, me);
  if (others.length === 0) return null;
  return {
    read_seq: Math.min(...others.map(([, marks]) => marks.read_seq ?? 0)),
    delivered_seq: Math.min(...others.map(([, marks]) => marks.delivered_seq)),
  };
}

/** How far a message of mine came with all of the others. */
export function delivery(floor: Watermarks | null, seq: number): Delivery {
  if (!floor) return 'sent';
  if (floor.read_seq >= seq) return 'read';
  return floor.delivered_seq >= seq ? 'delivered' : 'sent';
}

/** Who has which message as the last one they read: each reader is shown once, where they stand, but not at what they wrote themselves. */
export function readersAt(
  receipts: Receipts,
  me: Uuid | undefined,
  messages: readonly Message[],
): ReadonlyMap<number, Uuid[]> {
  const places = new Map<number, Uuid[]>();
  const first = messages[0]?.seq ?? Number.POSITIVE_INFINITY;
  const last = messages.at(-1)?.seq ?? 0;
  for (const [user, marks] of othersOf(receipts, me)) {
    const seq = Math.min(marks.read_seq ?? 0, last);
    if (seq >= first && messages[seq - first]?.author !== user) places.set(seq, [...(places.get(seq) ?? []), user]);
  }
  return places;
}

function othersOf(receipts: Receipts, me: Uuid | undefined): [Uuid, MemberMarks][] {
  return Object.entries(receipts ?? {}).filter(([user]) => user !== me);
}
