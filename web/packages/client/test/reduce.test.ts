import { describe, expect, it } from 'vitest';
import type { reduce } from '../src';
import { BOB, hello, LIMITS, live, ME, message, messages, opened, play, ROOM, room, seqs, told, user } from './make';

describe('the members of a room', () => {
  it('are as many as the server says, however often it says so', () => {
    const joined = {
      event: 'member_joined',
      room: ROOM,
      user: BOB,
      username: 'bob',
      display_name: 'Bob',
      role: 'member',
    } as const;
    const once = play([told({ ...joined, members: 7 })], opened(0));
    expect(once.rooms[ROOM]?.members).toBe(7);
    expect(play([told({ ...joined, members: 7 })], once).rooms[ROOM]).toBe(once.rooms[ROOM]);
    const left = play([told({ event: 'member_left', room: ROOM, user: BOB, members: 6 })], once);
    expect(left.rooms[ROOM]?.members).toBe(6);
  });
});

describe('the log of a room', () => {
  it('takes a live message at its end', () => {
    const state = play([live(message(4))], opened(3));
    expect(seqs(state)).toEqual([1, 2, 3, 4]);
    expect(state.cursors[ROOM]).toBe(4);
  });

  it('holds a message that came twice once, and does not even change', () => {
    const once = play([live(message(4))], opened(3));
    const twice = play([live(message(4))], once);
    expect(seqs(twice)).toEqual([1, 2, 3, 4]);
    expect(twice.timelines[ROOM]).toBe(once.timelines[ROOM]);
    expect(twice.rooms[ROOM]).toBe(once.rooms[ROOM]);
  });

  it('notices a gap and waits for what is missing', () => {
    const gap = play([live(message(6))], opened(3));
    expect(gap.behind[ROOM]).toBe(true);
    expect(gap.cursors[ROOM]).toBe(3);
    expect(seqs(gap)).toEqual([1, 2, 3]);

    const filled = play(
      [{ type: 'synced', room: ROOM, reply: { messages: messages(4, 6), rev: 6, more: false } }],
      gap,
    );
    expect(seqs(filled)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(filled.cursors[ROOM]).toBe(6);
    expect(filled.behind[ROOM]).toBeUndefined();
  });

  it('puts pieces of a sync together, whatever their order', () => {
    const edited = message(4, { rev: 7, body: 'better' });
    const first = { messages: [message(5), message(6)], rev: 6, more: true };
    const second = { messages: [edited], rev: 7, more: false };
    const half = play([{ type: 'synced', room: ROOM, reply: first }], opened(3));
    expect(half.behind[ROOM]).toBe(true);
    expect(seqs(half)).toEqual([1, 2, 3]);
    const whole = play([{ type: 'synced', room: ROOM, reply: second }], half);
    expect(seqs(whole)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(whole.timelines[ROOM]?.messages[3]?.body).toBe('better');
  });

  it('never lets an older version replace a newer one', () => {
    const edited = message(2, { rev: 4, body: 'second thoughts', edited_at: '2026-01-01T13:00:00.000Z' });
    const state = play([live(edited), live(message(2))], opened(3));
    expect(state.timelines[ROOM]?.messages[1]?.body).toBe('second thoughts');
    const page = { messages: messages(1, 3), has_before: false, has_after: false };
    const again = play([{ type: 'page', room: ROOM, direction: 'before', reply: page }], state);
    expect(again.timelines[ROOM]?.messages[1]?.body).toBe('second thoughts');
  });

  it('keeps what arrives while the first page is on its way', () => {
    const asked = play([
      { type: 'hello', reply: hello({ rooms: [room({ last_seq: 3, rev: 3, read_seq: 3 })] }) },
      { type: 'page_asked', room: ROOM, direction: 'open' },
      live(message(4)),
    ]);
    const page = { messages: messages(1, 3), has_before: false, has_after: false };
    expect(seqs(play([{ type: 'page', room: ROOM, direction: 'open', reply: page }], asked))).toEqual([1, 2, 3, 4]);
  });

  it('grows at both ends and knows when the end is reached', () => {
    const middle = play([
      { type: 'hello', reply: hello({ rooms: [room({ last_seq: 9, rev: 9 })] }) },
      {
        type: 'page',
        room: ROOM,
        direction: 'open',
        reply: { messages: messages(4, 6), has_before: true, has_after: true },
      },
    ]);
    expect(middle.timelines[ROOM]).toMatchObject({ hasBefore: true, hasAfter: true });
    const elsewhere = play([live(message(10))], middle);
    expect(seqs(elsewhere)).toEqual([4, 5, 6]);

    const whole = play(
      [
        {
          type: 'page',
          room: ROOM,
          direction: 'before',
          reply: { messages: messages(1, 3), has_before: false, has_after: true },
        },
        {
          type: 'page',
          room: ROOM,
          direction: 'after',
          reply: { messages: messages(7, 9), has_before: true, has_after: false },
        },
      ],
      elsewhere,
    );
    expect(seqs(whole)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(whole.timelines[ROOM]).toMatchObject({ hasBefore: false, hasAfter: false });
  });

  it('starts over where the server cannot continue what is held', () => {
    const state = play([{ type: 'event', event: { event: 'resync', room: ROOM, after_rev: 0 }, now: 0 }], opened(3));
    expect(state.timelines[ROOM]).toBeUndefined();
    expect(state.behind[ROOM]).toBe(true);
  });

  it('keeps what is held after a resync that can be continued', () => {
    const state = play([{ type: 'event', event: { event: 'resync', room: ROOM, after_rev: 3 }, now: 0 }], opened(3));
    expect(seqs(state)).toEqual([1, 2, 3]);
    expect(state.behind[ROOM]).toBe(true);
    expect(state.cursors[ROOM]).toBe(3);
  });
});

describe('hello', () => {
  it('keeps cursors of rooms that are held, so that the following sync fills them', () => {
    const later = hello({ rooms: [room({ last_seq: 5, rev: 5, read_seq: 3 })] });
    const state = play([{ type: 'hello', reply: later }], opened(3));
    expect(state.cursors[ROOM]).toBe(3);
    const synced = play(
      [{ type: 'event', event: { event: 'sync', room: ROOM, messages: messages(4, 5), rev: 5, more: false }, now: 0 }],
      state,
    );
    expect(seqs(synced)).toEqual([1, 2, 3, 4, 5]);
    expect(synced.rooms[ROOM]?.unread).toBe(2);
  });

  it('forgets everything of another epoch', () => {
    const server = { version: '0', epoch: 'e2', limits: LIMITS };
    const state = play(
      [{ type: 'hello', reply: hello({ server, rooms: [room({ last_seq: 1, rev: 1 })] }) }],
      opened(3),
    );
    expect(state.timelines[ROOM]).toBeUndefined();
    expect(state.rooms[ROOM]).toMatchObject({ last_seq: 1, read_seq: 0 });
    expect(state.cursors[ROOM]).toBe(1);
  });

  it('drops rooms that I am no longer in', () => {
    expect(play([{ type: 'hello', reply: hello({ rooms: [] }) }], opened(3)).rooms).toEqual({});
  });
});

describe('unread and mentions', () => {
  it('counts messages of others, and mentions of me', () => {
    const state = play([live(message(4)), live(message(5, { mentions: [ME] }))], opened(3));
    expect(state.rooms[ROOM]).toMatchObject({ last_seq: 5, unread: 2, mentions: 1 });
  });

  it('counts nothing twice', () => {
    const state = play([live(message(4, { mentions: [ME] })), live(message(4, { mentions: [ME] }))], opened(3));
    expect(state.rooms[ROOM]).toMatchObject({ unread: 1, mentions: 1 });
  });

  it('is lifted by my own message, wherever I sent it from', () => {
    const state = play([live(message(4)), live(message(5, { author: ME }))], opened(3));
    expect(state.rooms[ROOM]).toMatchObject({ unread: 0, read_seq: 5 });
  });

  it('falls when I read on another device', () => {
    const state = play(
      [
        live(message(4, { mentions: [ME] })),
        { type: 'event', event: { event: 'receipt', room: ROOM, user: ME, read_seq: 4, delivered_seq: 4 }, now: 0 },
      ],
      opened(3),
    );
    expect(state.rooms[ROOM]).toMatchObject({ unread: 0, mentions: 0 });
  });
});

describe('who does not share what they have read', () => {
  const bob = { user: BOB, username: 'bob', display_name: 'Bob', role: 'member', joined_at: '' } as const;
  const members = (read_seq: number | null, delivered_seq = 3) =>
    ({ type: 'members', room: ROOM, members: [{ ...bob, read_seq, delivered_seq }] }) as const;
  const marks = (...actions: Parameters<typeof play>[0]) =>
    play([members(null), ...actions], opened(3)).receipts[ROOM]?.[BOB];

  it('is known to have received, whatever they write', () => {
    expect(marks()).toEqual({ read_seq: null, delivered_seq: 3 });
    expect(marks(live(message(4)))).toEqual({ read_seq: null, delivered_seq: 4 });
    const event = { event: 'receipt', room: ROOM, user: BOB, delivered_seq: 5 } as const;
    expect(marks(told(event))).toEqual({ read_seq: null, delivered_seq: 5 });
  });

  it('is seen reading again once they are told to share it', () => {
    expect(marks(members(2))).toEqual({ read_seq: 2, delivered_seq: 3 });
    expect(marks(members(2), members(null))).toEqual({ read_seq: null, delivered_seq: 3 });
    const event = { event: 'receipt', room: ROOM, user: BOB, read_seq: 3, delivered_seq: 3 } as const;
    expect(marks(told(event), live(message(4)))).toEqual({ read_seq: 4, delivered_seq: 4 });
  });

  it('still reads on their own devices', () => {
    const own = { ...members(null).members[0], user: ME } as const;
    const state = play([{ type: 'members', room: ROOM, members: [own] }, live(message(4, { author: ME }))], opened(3));
    expect(state.rooms[ROOM]).toMatchObject({ read_seq: 4, unread: 0 });
  });
});

describe('who no longer tells when they were last here', () => {
  it('is forgotten to have told it', () => {
    const row = { user: BOB, state: 'offline', last_seen: '2026-01-01T00:00:00.000Z' } as const;
    const hidden = told({ event: 'user_updated', user: user(BOB) });
    expect(play([{ type: 'presence', presence: [row] }, hidden], opened(0)).presence[BOB]).toEqual({
      ...row,
      last_seen: null,
    });
  });
});

describe('receipts', () => {
  const receipt = (read_seq: number, delivered_seq: number) =>
    ({ type: 'event', event: { event: 'receipt', room: ROOM, user: BOB, read_seq, delivered_seq }, now: 0 }) as const;
  const member = {
    user: BOB,
    username: 'bob',
    display_name: 'Bob',
    role: 'member' as const,
    joined_at: '2026-01-01T00:00:00.000Z',
    read_seq: 1,
    delivered_seq: 1,
  };
  const watched = play([{ type: 'members', room: ROOM, members: [member] }], opened(3));

  it('only rise', () => {
    const state = play([receipt(3, 3), receipt(1, 2)], watched);
    expect(state.receipts[ROOM]?.[BOB]).toEqual({ read_seq: 3, delivered_seq: 3 });
  });

  it('count what was read as delivered', () => {
    expect(play([receipt(2, 0)], watched).receipts[ROOM]?.[BOB]).toEqual({ read_seq: 2, delivered_seq: 2 });
  });

  it('are lifted by an own message of theirs', () => {
    expect(play([live(message(4))], watched).receipts[ROOM]?.[BOB]?.read_seq).toBe(4);
  });

  it('are not lowered by a list of members that was read earlier', () => {
    const state = play([receipt(3, 3), { type: 'members', room: ROOM, members: [member] }], watched);
    expect(state.receipts[ROOM]?.[BOB]?.read_seq).toBe(3);
  });
});

describe('the list of rooms', () => {
  const event = (event: Parameters<typeof reduce>[1] & { type: 'event' } extends { event: infer E } ? E : never) =>
    ({ type: 'event', event, now: 0 }) as const;

  it('takes new rooms, changes and removals', () => {
    const other = room({ id: 'room-2', name: 'second' });
    const added = play([event({ event: 'room_added', room: other })], opened(1));
    expect(Object.keys(added.rooms)).toEqual([ROOM, 'room-2']);
    const renamed = play([event({ event: 'room_updated', room: { ...other, name: 'third' } })], added);
    expect(renamed.rooms['room-2']?.name).toBe('third');
    const removed = play([event({ event: 'room_removed', room: ROOM })], renamed);
    expect(removed.rooms[ROOM]).toBeUndefined();
    expect(removed.timelines[ROOM]).toBeUndefined();
  });

  it('does not let a late description lower a watermark', () => {
    const stale = room({ last_seq: 1, rev: 1, read_seq: 0, unread: 1 });
    const state = play([event({ event: 'room_updated', room: stale })], opened(3));
    expect(state.rooms[ROOM]).toMatchObject({ last_seq: 3, read_seq: 3, unread: 0 });
  });

  it('shows a new name everywhere', () => {
    const state = play([event({ event: 'user_updated', user: user(BOB, { display_name: 'Robert' }) })], opened(1));
    expect(state.people[BOB]?.display_name).toBe('Robert');
  });

  it('says that the session is over', () => {
    expect(play([event({ event: 'session_revoked' })], opened(1)).connection.kind).toBe('unauthorized');
  });
});

it('knows of nobody’s presence without a connection', () => {
  const there = play([{ type: 'presence', presence: [{ user: BOB, state: 'online', last_seen: null }] }], opened(1));
  expect(there.presence[BOB]?.state).toBe('online');
  expect(play([{ type: 'connection', connection: { kind: 'no_network' } }], there).presence).toEqual({});
});

describe('typing', () => {
  const typing = (on: boolean, now: number) =>
    ({ type: 'event', event: { event: 'typing', room: ROOM, user: BOB, on }, now }) as const;

  it('ends by itself, by word, and by the message', () => {
    const on = play([typing(true, 0)], opened(3));
    expect(Object.keys(on.typing[ROOM] ?? {})).toEqual([BOB]);
    expect(play([{ type: 'typing_expired', now: 10_000 }], on).typing[ROOM]).toEqual({});
    expect(play([typing(false, 1)], on).typing[ROOM]).toEqual({});
    expect(play([live(message(4))], on).typing[ROOM]).toEqual({});
  });
});
