import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Failure, Member, State } from '../src';
import { decode } from '../src/link/frames';
import type { Ok, Op } from '../src/link/ops';
import { play, told } from './make';

/** The same literal bytes that the server's own tests compare what they write with. */
const FOLDER = resolve(import.meta.dirname, '../../../../tests/golden');
const bytes = (file: string) => readFileSync(resolve(FOLDER, file), 'utf8');

const id = (last: string) => `01980000-0000-7000-8000-${last.padStart(12, '0')}`;
const [ALICE, BOB] = [id('1'), id('2')];
const [LOBBY, DIRECT, GROUP] = [id('10'), id('11'), id('12')];

function reply<O extends Op>(op: O): Ok<O> {
  const frame = decode(bytes(`reply.${op}.json`));
  if (frame.kind !== 'ok') throw new Error(`reply.${op} is ${frame.kind}`);
  expect(frame.id).toBe(7);
  return frame.ok as Ok<O>;
}

function failure(name: string): Failure {
  const frame = decode(bytes(`error.${name}.json`));
  if (frame.kind !== 'error') throw new Error(`error.${name} is ${frame.kind}`);
  expect(frame.id).toBe(7);
  return frame.failure;
}

const member = (user: string): Member => ({
  user,
  username: 'somebody',
  display_name: 'Somebody',
  role: 'member',
  joined_at: '2026-01-31T12:00:00.000Z',
  read_seq: 0,
  delivered_seq: 0,
});

/** Alice, greeted, with two messages and two members of the lobby on her screen. */
const before = (): State =>
  play([
    { type: 'hello', reply: reply('hello') },
    { type: 'page', room: LOBBY, direction: 'open', reply: reply('history') },
    { type: 'members', room: LOBBY, members: [member(ALICE), member(BOB)] },
  ]);

/** What the state is after an event came as it comes. */
function after(name: string, from = before()): State {
  const frame = decode(bytes(`event.${name}.json`));
  if (frame.kind !== 'event') throw new Error(`event.${name} is ${frame.kind}`);
  return play([told(frame.event)], from);
}

const lobby = (state: State) => state.rooms[LOBBY];
const seqs = (state: State) => state.timelines[LOBBY]?.messages.map(({ seq, rev }) => [seq, rev]);
const BODY = '"@alice": a\\b\n<b>山</b> 👩‍👧 \u0001';

/** One case for each file: a frame that nobody reads here fails the first test. */
const CASES: Record<string, () => void> = {
  'error.invalid': () =>
    expect(failure('invalid')).toMatchObject({ code: 'invalid', fields: { body: 'A message must not be empty.' } }),
  'error.no_id': () => expect(decode(bytes('error.no_id.json'))).toEqual({ kind: 'ignored' }),
  'error.not_member': () => expect(failure('not_member')).toMatchObject({ code: 'not_member', retryAfterMs: 0 }),
  'error.rate_limited': () => expect(failure('rate_limited')).toMatchObject({ retryAfterMs: 250 }),
  'error.unavailable': () => expect(failure('unavailable')).toMatchObject({ code: 'unavailable', retryAfterMs: 1_000 }),

  'event.member_joined': () => {
    const state = after('member_joined');
    expect(state.people[BOB]).toEqual({ id: BOB, username: 'bob', display_name: 'Bob B.' });
    expect(state.members[LOBBY]?.find(({ user }) => user === BOB)?.display_name).toBe('Bob B.');
    expect(lobby(state)?.members).toBe(2);
  },
  'event.member_left': () => {
    const state = after('member_left');
    expect(state.members[LOBBY]?.map(({ user }) => user)).toEqual([ALICE]);
    expect(lobby(state)?.members).toBe(1);
  },
  'event.member_updated': () =>
    expect(after('member_updated').members[LOBBY]?.find(({ user }) => user === BOB)?.role).toBe('admin'),
  'event.message': () => {
    const empty = play([{ type: 'hello', reply: reply('hello') }]);
    const held = { ...empty, rooms: { [LOBBY]: { ...lobby(empty), last_seq: 11, rev: 11 } } } as State;
    expect(lobby(after('message', held))).toMatchObject({ last_seq: 12 });
  },
  'event.message.full': () => {
    const shown = after('message.full').timelines[LOBBY]?.messages.find(({ seq }) => seq === 13);
    expect(shown).toMatchObject({ body: BODY, client_id: null, reply_to: 12, thread: 11, mentions: [ALICE] });
  },
  'event.presence': () => expect(after('presence').presence[BOB]?.state).toBe('offline'),
  'event.presence.online': () =>
    expect(after('presence.online').presence[BOB]).toEqual({ user: BOB, state: 'online', last_seen: null }),
  'event.receipt': () => expect(after('receipt').receipts[LOBBY]?.[BOB]).toEqual({ read_seq: 12, delivered_seq: 13 }),
  'event.receipt.delivered': () =>
    expect(after('receipt.delivered').receipts[LOBBY]?.[BOB]).toEqual({ read_seq: 0, delivered_seq: 13 }),
  'event.resync': () => expect(after('resync').behind).toEqual({ [LOBBY]: true }),
  'event.room_added': () => {
    const state = after('room_added');
    expect(state.rooms[DIRECT]).toMatchObject({ kind: 'direct', name: null, favourite: false });
    expect(state.people[BOB]?.username).toBe('bob');
  },
  'event.room_online': () => expect(after('room_online').online[LOBBY]).toBe(250),
  'event.room_removed': () => expect(after('room_removed').rooms[LOBBY]).toBeUndefined(),
  'event.room_updated': () =>
    expect(after('room_updated').rooms[GROUP]).toMatchObject({ role: null, muted: true, favourite: true }),
  'event.server_draining': () => expect(after('server_draining').connection).toEqual({ kind: 'online' }),
  'event.session_revoked': () => expect(after('session_revoked').connection).toEqual({ kind: 'unauthorized' }),
  'event.sync': () =>
    expect(seqs(after('sync'))).toEqual([
      [12, 12],
      [13, 15],
    ]),
  'event.typing': () => expect(Object.keys(after('typing').typing[LOBBY] ?? {})).toEqual([BOB]),
  'event.user_updated': () => expect(after('user_updated').people[BOB]?.display_name).toBe('bob'),

  'reply.delivered': () => expect(reply('delivered').delivered_seq).toBe(13),
  'reply.direct': () => {
    const { room } = reply('direct');
    expect(play([{ type: 'room', room }], before()).rooms[DIRECT]?.peer?.id).toBe(BOB);
  },
  'reply.hello': () => {
    const state = before();
    expect(state.me).toMatchObject({ id: ALICE, display_name: 'Alice Älpler', role: 'owner' });
    expect(state.server?.limits).toMatchObject({ body_chars: 10_000, page: 200, presence_members: 200 });
    expect(lobby(state)).toMatchObject({ kind: 'channel', name: 'lobby', last_seq: 13, unread: 2, mentions: 1 });
  },
  'reply.history': () => expect(seqs(before())).toEqual(reply('history').messages.map(({ seq, rev }) => [seq, rev])),
  'reply.join': () => {
    const { room } = reply('join');
    expect(play([{ type: 'room', room }]).rooms[LOBBY]).toMatchObject({ role: 'member', read_seq: 11, rev: 15 });
  },
  'reply.leave': () => expect(reply('leave').room).toBe(LOBBY),
  'reply.ping': () => expect(Date.parse(reply('ping').at)).toBe(Date.UTC(2026, 0, 31, 12)),
  'reply.presence': () => {
    const state = play([{ type: 'presence', presence: reply('presence').presence }], before());
    expect(Object.values(state.presence).map((row) => row.state)).toEqual(['online', 'away', 'offline']);
  },
  'reply.read': () => {
    const state = play([{ type: 'read', room: LOBBY, reply: reply('read') }], before());
    expect(lobby(state)).toMatchObject({ read_seq: 12, unread: 1 });
  },
  'reply.receipts': () => expect(reply('receipts').read.map(({ user }) => user)).toEqual([BOB]),
  'reply.send': () => {
    const queued = { client_id: id('99'), room: LOBBY, author: ALICE, body: 'hi', created_at: 0 };
    const state = play(
      [
        { type: 'queue', queue: [{ ...queued, state: 'queued' }] },
        { type: 'sent', queued: { ...queued, state: 'sending' }, reply: { ...reply('send'), seq: 14, rev: 16 } },
      ],
      before(),
    );
    expect(state.queue).toEqual([]);
    expect(state.timelines[LOBBY]?.messages.at(-1)).toMatchObject({ seq: 14, client_id: id('99') });
    expect(reply('send').duplicate).toBe(false);
  },
  'reply.set_presence': () => expect(reply('set_presence').state).toBe('away'),
  'reply.sync': () => {
    const state = play([{ type: 'synced', room: LOBBY, reply: reply('sync') }], before());
    expect(state.cursors[LOBBY]).toBe(reply('sync').rev);
  },
  'reply.typing': () => expect(reply('typing')).toEqual({}),
};

describe('the frames that the server writes', () => {
  it('are all read here', () => {
    const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));
    expect(Object.keys(CASES).sort()).toEqual(files.map((file) => file.replace(/\.json$/, '')).sort());
  });

  it.each(Object.entries(CASES))('%s', (_name, check) => check());
});
