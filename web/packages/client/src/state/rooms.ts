import type { Message, Room, Uuid } from '../generated';
import type { State } from './types';

/** Without the key; the same object where it was not there. */
export function omit<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  if (!Object.hasOwn(record, key)) return record;
  const { [key]: _gone, ...rest } = record;
  return rest;
}

export function patchRoom(state: State, id: Uuid, patch: (room: Room) => Room): State {
  const room = state.rooms[id];
  if (!room) return state;
  const next = patch(room);
  return next === room ? state : { ...state, rooms: { ...state.rooms, [id]: next } };
}

/** A room as the server describes it now. What only rises never falls back, whatever the order of arrival. */
export function putRoom(state: State, room: Room): State {
  const held = state.rooms[room.id];
  const newest = held && { last_seq: Math.max(room.last_seq, held.last_seq), rev: Math.max(room.rev, held.rev) };
  const merged = held ? withWatermarks({ ...room, ...newest }, held) : room;
  const cursors = state.cursors[room.id] === undefined ? { ...state.cursors, [room.id]: room.rev } : state.cursors;
  return { ...state, cursors, rooms: { ...state.rooms, [room.id]: merged } };
}

export function removeRoom(state: State, id: Uuid): State {
  return {
    ...state,
    rooms: omit(state.rooms, id),
    cursors: omit(state.cursors, id),
    behind: omit(state.behind, id),
    timelines: omit(state.timelines, id),
    members: omit(state.members, id),
    receipts: omit(state.receipts, id),
    activity: omit(state.activity, id),
    typing: omit(state.typing, id),
    online: omit(state.online, id),
    originals: omit(state.originals, id),
  };
}

/** Lifts my own watermarks, never lowers them, and counts unread from them. */
export function withWatermarks(room: Room, marks: { read_seq?: number; delivered_seq?: number }): Room {
  const read_seq = Math.max(room.read_seq, marks.read_seq ?? 0);
  const delivered_seq = Math.max(room.delivered_seq, marks.delivered_seq ?? 0, read_seq);
  const unread = Math.max(0, room.last_seq - read_seq);
  const mentions = Math.min(room.mentions, unread);
  return { ...room, read_seq, delivered_seq, unread, mentions };
}

/** What messages change in the list of rooms. Those the room already counts change nothing. */
export function countMessages(state: State, id: Uuid, messages: readonly Message[]): State {
  const counted = patchRoom(state, id, (room) => messages.reduce((sum, message) => count(sum, message, state), room));
  return touch(counted, id, messages);
}

function count(room: Room, message: Message, state: State): Room {
  if (message.seq <= room.last_seq) return room;
  const mine = message.author === state.me?.id;
  const mentioned = !mine && state.me !== null && message.mentions?.includes(state.me.id);
  const grown = { ...room, last_seq: message.seq, mentions: room.mentions + (mentioned ? 1 : 0) };
  return withWatermarks(grown, mine ? { read_seq: message.seq } : {});
}

function touch(state: State, id: Uuid, messages: readonly Message[]): State {
  const latest = messages.reduce((max, message) => Math.max(max, Date.parse(message.created_at)), 0);
  if (latest <= (state.activity[id] ?? 0)) return state;
  return { ...state, activity: { ...state.activity, [id]: latest } };
}
