import type { Member, Room, Uuid } from '../generated';
import { patchRoom, withWatermarks } from './rooms';
import type { MemberMarks, State } from './types';

/** What is told of somebody's watermarks. */
interface Told {
  read_seq?: number | null | undefined;
  delivered_seq?: number | undefined;
}

/** Who writes in a room has read it. Of who does not share what they read, only that it reached them is concluded. */
export function liftAuthor(state: State, room: Uuid, author: Uuid, seq: number): State {
  const hidden = author !== state.me?.id && state.receipts[room]?.[author]?.read_seq === null;
  return liftReceipt(state, room, author, hidden ? { delivered_seq: seq } : { read_seq: seq, delivered_seq: seq });
}

/** Watermarks only rise; reading lifts delivery too. */
export function liftReceipt(state: State, room: Uuid, user: Uuid, marks: Told): State {
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
  const marks: Record<Uuid, MemberMarks> = {};
  for (const member of members) marks[member.user] = higher(held[member.user], member);
  return {
    ...state,
    members: { ...state.members, [room]: members },
    receipts: { ...state.receipts, [room]: marks },
  };
}

function raise(room: Room, marks: Told): Room {
  const lifted = withWatermarks(room, { read_seq: marks.read_seq ?? 0, delivered_seq: marks.delivered_seq ?? 0 });
  return lifted.read_seq === room.read_seq && lifted.delivered_seq === room.delivered_seq ? room : lifted;
}

function higher(held: MemberMarks | undefined, marks: Told): MemberMarks {
  const read_seq = read(held, marks);
  const delivered_seq = Math.max(held?.delivered_seq ?? 0, marks.delivered_seq ?? 0, read_seq ?? 0);
  const same = held && held.read_seq === read_seq && held.delivered_seq === delivered_seq;
  return same ? held : { read_seq, delivered_seq };
}

/** Null says that it is not shared, a number that it is; what says neither leaves it so. */
function read(held: MemberMarks | undefined, { read_seq }: Told): number | null {
  if (read_seq === null) return null;
  if (read_seq === undefined) return held ? held.read_seq : 0;
  return Math.max(held?.read_seq ?? 0, read_seq);
}
