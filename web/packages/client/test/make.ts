import type { HelloReply, Limits, Message, Room, ServerEvent, User } from '../src';
import { type Action, initialState, reduce, type State } from '../src';

export const ROOM = 'room-1';
export const ME = 'user-me';
export const BOB = 'user-bob';

export const LIMITS: Limits = {
  frame_bytes: 65_536,
  body_chars: 10_000,
  page: 200,
  presence_members: 200,
  rooms_joined: 500,
  outbox_bytes: 1_048_576,
};

export const user = (id: string, over: Partial<User> = {}): User => ({
  id,
  username: id.replace('user-', ''),
  display_name: id.replace('user-', ''),
  role: 'member',
  guest: false,
  created_at: '2026-01-01T00:00:00.000Z',
  ...over,
});

export const room = (over: Partial<Room> = {}): Room => ({
  id: ROOM,
  kind: 'channel',
  name: 'lobby',
  topic: '',
  role: 'member',
  members: 2,
  last_seq: 0,
  rev: 0,
  read_seq: 0,
  delivered_seq: 0,
  unread: 0,
  mentions: 0,
  muted: false,
  favourite: false,
  created_at: '2026-01-01T00:00:00.000Z',
  ...over,
});

/** Message number `seq`, stored as the room's change of the same number unless said otherwise. */
export const message = (seq: number, over: Partial<Message> = {}): Message => ({
  room: ROOM,
  seq,
  rev: seq,
  author: BOB,
  client_id: `c-${seq}`,
  body: `message ${seq}`,
  created_at: new Date(Date.UTC(2026, 0, 1, 12, 0, seq)).toISOString(),
  ...over,
});

export const messages = (from: number, to: number): Message[] =>
  Array.from({ length: to - from + 1 }, (_, i) => message(from + i));

export const hello = (over: Partial<HelloReply> = {}): HelloReply => ({
  user: user(ME),
  session: 'session-1',
  server: { version: '0', epoch: 'e1', limits: LIMITS },
  rooms: [room()],
  ...over,
});

export const play = (actions: readonly Action[], from: State = initialState): State => actions.reduce(reduce, from);

/** Any event, as it comes. */
export const told = (event: ServerEvent): Action => ({ type: 'event', event, now: 0 });

export const live = (event: Message): Action => ({ type: 'event', event: { event: 'message', ...event }, now: 0 });

/** Signed in, with messages 1 to `last` on screen. */
export const opened = (last: number): State =>
  play([
    {
      type: 'hello',
      reply: hello({ rooms: [room({ last_seq: last, rev: last, read_seq: last, delivered_seq: last })] }),
    },
    {
      type: 'page',
      room: ROOM,
      direction: 'open',
      reply: { messages: messages(1, last), has_before: false, has_after: false },
    },
  ]);

export const seqs = (state: State, id = ROOM): number[] => state.timelines[id]?.messages.map((m) => m.seq) ?? [];
