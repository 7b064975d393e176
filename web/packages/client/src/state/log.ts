import type { Message, SyncReply, Uuid } from '../generated';
import { liftAuthor } from './receipts';
import { countMessages, omit, patchRoom } from './rooms';
import { absorb, emptyTimeline } from './timeline';
import type { State, Timeline } from './types';

/** A live message. The log must go on at the next rev; where it does not, the room waits for a `sync`. */
export function applyMessage(state: State, message: Message): State {
  const next = insert(state, message.room, [message]);
  const cursor = next.cursors[message.room];
  if (cursor === undefined || message.rev <= cursor || next.behind[message.room]) return next;
  if (message.rev > cursor + 1) return { ...next, behind: { ...next.behind, [message.room]: true } };
  return moveCursor(next, message.room, message.rev);
}

/** A page of what was missed: as an event after `hello`, or as the reply to `sync`. */
export function applySync(state: State, room: Uuid, reply: SyncReply): State {
  if (!state.rooms[room]) return state;
  const next = moveCursor(insert(state, room, reply.messages), room, reply.rev);
  const behind = reply.more ? { ...next.behind, [room]: true as const } : omit(next.behind, room);
  return { ...next, behind };
}

/** The server dropped what followed `after_rev` for this session; 0 means that what is held has no continuation. */
export function applyResync(state: State, room: Uuid, afterRev: number): State {
  if (!state.rooms[room]) return state;
  const behind = { ...state.behind, [room]: true as const };
  if (afterRev > 0) return { ...state, behind };
  const cursors = { ...state.cursors, [room]: state.rooms[room].rev };
  return { ...state, behind, cursors, timelines: omit(state.timelines, room) };
}

export function patchTimeline(state: State, room: Uuid, patch: (timeline: Timeline) => Timeline): State {
  const held = state.timelines[room] ?? emptyTimeline;
  const next = patch(held);
  return next === held ? state : { ...state, timelines: { ...state.timelines, [room]: next } };
}

function insert(state: State, room: Uuid, messages: readonly Message[]): State {
  const counted = messages.reduce(
    (sum, message) => liftAuthor(sum, room, message.author, message.seq),
    settleQueue(countMessages(state, room, messages), messages),
  );
  if (!counted.timelines[room]) return counted;
  const lastSeq = counted.rooms[room]?.last_seq ?? 0;
  return patchTimeline(counted, room, (timeline) => absorb(timeline, messages, lastSeq));
}

/** What has a place in the room waits no longer, whichever tab or retry brought it there. */
function settleQueue(state: State, messages: readonly Message[]): State {
  if (state.queue.length === 0) return state;
  const stored = new Set(messages.filter((m) => m.author === state.me?.id).map((m) => m.client_id));
  const queue = state.queue.filter((queued) => !stored.has(queued.client_id));
  return queue.length === state.queue.length ? state : { ...state, queue };
}

function moveCursor(state: State, room: Uuid, rev: number): State {
  const moved = { ...state, cursors: { ...state.cursors, [room]: Math.max(rev, state.cursors[room] ?? 0) } };
  return patchRoom(moved, room, (held) => (held.rev >= rev ? held : { ...held, rev }));
}
