import type { Room, Uuid } from '../generated';
import type { Queued, State } from '../state/types';

/** My rooms, the latest activity first; archived ones at the end. */
export function roomList(state: Pick<State, 'rooms' | 'activity'>): Room[] {
  const weight = ({ id, last_at, created_at }: Room) =>
    Math.max(state.activity[id] ?? 0, Date.parse(last_at ?? created_at));
  return Object.values(state.rooms)
    .filter((room) => room.role !== null)
    .sort((a, b) => Number(Boolean(a.archived_at)) - Number(Boolean(b.archived_at)) || weight(b) - weight(a));
}

export interface RoomSections {
  favourites: Room[];
  rooms: Room[];
  direct: Room[];
}

/** The same in the sections that are shown, each room in one of them. */
export function roomSections(list: readonly Room[]): RoomSections {
  const others = list.filter((room) => !room.favourite);
  return {
    favourites: list.filter((room) => room.favourite),
    rooms: others.filter((room) => room.kind !== 'direct'),
    direct: others.filter((room) => room.kind === 'direct'),
  };
}

/** From top to bottom, as keys go through them. */
export function roomOrder(state: Pick<State, 'rooms' | 'activity'>): Room[] {
  const { favourites, rooms, direct } = roomSections(roomList(state));
  return [...favourites, ...rooms, ...direct];
}

export interface Totals {
  unread: number;
  mentions: number;
}

/** Whether a room calls for me; a muted one only when it mentions me. */
export function calls({ unread, mentions, muted }: Pick<Room, 'unread' | 'mentions' | 'muted'>): boolean {
  return (unread > 0 && !muted) || mentions > 0;
}

/** What the title of the page counts: muted rooms only call when they mention me. */
export function totals(rooms: State['rooms']): Totals {
  let unread = 0;
  let mentions = 0;
  for (const room of Object.values(rooms)) {
    if (!room.muted && !room.archived_at) unread += room.unread;
    mentions += room.mentions;
  }
  return { unread, mentions };
}

export function queueOf(queue: readonly Queued[], room: Uuid): readonly Queued[] {
  return queue.filter((queued) => queued.room === room);
}

/** Who is typing in a room now, without me. */
export function typists(state: Pick<State, 'typing' | 'me'>, room: Uuid): Uuid[] {
  return Object.keys(state.typing[room] ?? {}).filter((user) => user !== state.me?.id);
}

/** Authors and mentioned users whose names nobody has told yet. */
export function strangers(state: Pick<State, 'timelines' | 'people' | 'receipts'>, room: Uuid): Uuid[] {
  const wanted = new Set<Uuid>();
  for (const message of state.timelines[room]?.messages ?? []) {
    for (const user of [message.author, ...(message.mentions ?? [])]) {
      if (!state.people[user]) wanted.add(user);
    }
  }
  return [...wanted];
}
