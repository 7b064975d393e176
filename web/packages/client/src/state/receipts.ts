import type { Member, Uuid } from '../generated';
import { patchRoom, withWatermarks } from './rooms';
import type { State, Watermarks } from './types';

/** Watermarks only rise; reading lifts delivery too. */
export function liftReceipt(state: State, room: Uuid, user: Uuid, marks: Partial<Watermarks>): State {
  const own = user === state.me?.id ? patchRoom(state, room, (held) => raise(held, marks)) : state;
  const inRoom = own.receipts[room];
  if (!inRoom) return own;
  const next = higher(inRoom[user], marks);
  if (next === inRoom[user]) return own;
  return { ...own, receipts: { ...own.receipts, [room]: { ...inRoom, [user]: next } } };
}

/** Members carry their watermarks as they were when the page was read; what was heard since is higher. */
export function takeMembers(state: State, room: Uuid, members: readonly Member[]): State {
  const held = state.receipts[room] ?? {};
  const marks: Record<Uuid, Watermarks> = {};
  for (const member of members) marks[member.user] = higher(held[member.user], member);
  return {
    ...state,
    members: { ...state.members, [room]: members },
    receipts: { ...state.receipts, [room]: marks },
  };
}

function raise<R extends Parameters<typeof withWatermarks>[0]>(room: R, marks: Partial<Watermarks>) {
  const lifted = withWatermarks(room, marks);
  return lifted.read_seq === room.read_seq && lifted.delivered_seq === room.delivered_seq ? room : lifted;
}

function higher(held: Watermarks | undefined, marks: Partial<Watermarks>): Watermarks {
  const read_seq = Math.max(held?.read_seq ?? 0, marks.read_seq ?? 0);
  const delivered_seq = Math.max(held?.delivered_seq ?? 0, marks.delivered_seq ?? 0, read_seq);
  const same = held && held.read_seq === read_seq && held.delivered_seq === delivered_seq;
  return same ? held : { read_seq, delivered_seq };
}
