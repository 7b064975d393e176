import type { Message, Room, ServerInfo, User, Uuid } from '../generated';
import { emptyTimeline } from './timeline';
import type { Person, State, Timeline } from './types';

/** What survives a reload: enough to show the last rooms at once and to ask for no more than was missed. */
export interface Snapshot {
  me: User;
  server: ServerInfo;
  rooms: Readonly<Record<Uuid, Room>>;
  activity: Readonly<Record<Uuid, number>>;
  people: Readonly<Record<Uuid, Person>>;
  tails: Readonly<Record<Uuid, Tail>>;
}

interface Tail {
  cursor: number;
  hasBefore: boolean;
  messages: readonly Message[];
}

const TAIL = 60;
const ROOMS = 30;

export function takeSnapshot(state: State): Snapshot | null {
  const { me, server, rooms, activity, people } = state;
  if (!me || !server) return null;
  const tails: Record<Uuid, Tail> = {};
  const recent = Object.keys(state.timelines).sort((a, b) => (activity[b] ?? 0) - (activity[a] ?? 0));
  for (const room of recent.slice(0, ROOMS)) {
    const tail = tailOf(state, room);
    if (tail) tails[room] = tail;
  }
  return { me, server, rooms, activity, people, tails };
}

/** Only a stretch that ends at the room's newest message can be continued with a cursor. */
function tailOf(state: State, room: Uuid): Tail | null {
  const timeline = state.timelines[room];
  const cursor = state.cursors[room];
  if (!timeline?.loaded || timeline.hasAfter || cursor === undefined || state.behind[room]) return null;
  const messages = timeline.messages.slice(-TAIL);
  return { cursor, hasBefore: timeline.hasBefore || messages.length < timeline.messages.length, messages };
}

export function restore(state: State, snapshot: Snapshot): State {
  const timelines: Record<Uuid, Timeline> = {};
  const cursors: Record<Uuid, number> = {};
  for (const [room, tail] of Object.entries(snapshot.tails)) {
    timelines[room] = { ...emptyTimeline, messages: tail.messages, hasBefore: tail.hasBefore, loaded: true };
    cursors[room] = tail.cursor;
  }
  const { me, server, rooms, activity, people } = snapshot;
  return { ...state, me, server, rooms, activity, people, timelines, cursors };
}
