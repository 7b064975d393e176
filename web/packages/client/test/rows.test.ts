import { describe, expect, it } from 'vitest';
import { calls, delivery, readersAt, receiptFloor, roomList, roomOrder, rows, totals } from '../src';
import { BOB, ME, message, messages, room } from './make';

const DAY = 86_400_000;
const dayOf = (ms: number) => Math.floor(ms / DAY) * DAY;
const at = (ms: number) => new Date(ms).toISOString();

describe('the rows of a timeline', () => {
  const kinds = (list: ReturnType<typeof rows>) =>
    list.map((row) => (row.kind === 'message' ? `${row.message.seq}${row.head ? ' head' : ''}` : row.kind));

  it('group what one person says within five minutes', () => {
    const list = [
      message(1, { created_at: at(0) }),
      message(2, { created_at: at(60_000) }),
      message(3, { created_at: at(60_000 * 7) }),
      message(4, { created_at: at(60_000 * 7), author: ME }),
    ];
    expect(kinds(rows({ messages: list, queue: [], newAfter: null, dayOf }))).toEqual([
      'day',
      '1 head',
      '2',
      '3 head',
      '4 head',
    ]);
  });

  it('separate days, and begin anew after that', () => {
    const list = [message(1, { created_at: at(DAY - 1_000) }), message(2, { created_at: at(DAY + 1_000) })];
    expect(kinds(rows({ messages: list, queue: [], newAfter: null, dayOf }))).toEqual([
      'day',
      '1 head',
      'day',
      '2 head',
    ]);
  });

  it('say where the unread messages begin', () => {
    const list = messages(1, 4);
    expect(kinds(rows({ messages: list, queue: [], newAfter: 2, dayOf }))).toEqual([
      'day',
      '1 head',
      '2',
      'new',
      '3 head',
      '4',
    ]);
    expect(kinds(rows({ messages: list, queue: [], newAfter: 9, dayOf }))).not.toContain('new');
  });

  it('keep the key of a message that gets its place', () => {
    const queued = { client_id: 'c-1', room: 'r', author: ME, body: '', created_at: 0, state: 'queued' as const };
    const before = rows({ messages: [], queue: [queued], newAfter: null, dayOf });
    const after = rows({
      messages: [message(1, { client_id: 'c-1', created_at: at(0) })],
      queue: [],
      newAfter: null,
      dayOf,
    });
    expect(after.map((row) => row.key)).toEqual(before.map((row) => row.key));
  });
});

describe('delivery', () => {
  const marks = (read_seq: number, delivered_seq: number) => ({ read_seq, delivered_seq });

  it('is what all others reached', () => {
    const floor = receiptFloor({ [ME]: marks(9, 9), [BOB]: marks(2, 5), 'user-c': marks(4, 4) }, ME);
    expect([1, 2, 3, 4, 5].map((seq) => delivery(floor, seq))).toEqual([
      'read',
      'read',
      'delivered',
      'delivered',
      'sent',
    ]);
  });

  it('stays "sent" where nobody else is known', () => {
    const hidden = { read_seq: null, delivered_seq: 9 };
    expect(delivery(receiptFloor({ [BOB]: marks(9, 9), 'user-c': hidden }, ME), 1)).toBe('delivered');
    expect(delivery(receiptFloor({ [ME]: marks(9, 9) }, ME), 1)).toBe('sent');
    expect(delivery(receiptFloor(undefined, ME), 1)).toBe('sent');
  });

  it('shows each reader once, where they stand, but nobody at what they wrote themselves', () => {
    const readers = { [ME]: marks(9, 9), [BOB]: marks(3, 3), 'user-c': marks(99, 99), 'user-d': marks(2, 4) };
    const written = messages(1, 4);
    expect(written.map(({ author }) => author)).toEqual([BOB, BOB, BOB, BOB]);
    expect([...readersAt(readers, ME, written)]).toEqual([
      [4, ['user-c']],
      [2, ['user-d']],
    ]);
  });
});

describe('the list of rooms', () => {
  it('has the latest activity first and archived rooms last', () => {
    const list = {
      a: room({ id: 'a' }),
      b: room({ id: 'b' }),
      c: room({ id: 'c', archived_at: '2026-01-01T00:00:00.000Z' }),
      d: room({ id: 'd', role: null }),
    };
    const later = Date.UTC(2026, 5, 1);
    expect(roomList({ rooms: list, activity: { b: later, c: later + 1 } }).map(({ id }) => id)).toEqual([
      'b',
      'a',
      'c',
    ]);
  });

  it('counts muted rooms only where they mention me', () => {
    const list = { a: room({ id: 'a', unread: 3 }), b: room({ id: 'b', unread: 5, mentions: 1, muted: true }) };
    expect(totals(list)).toEqual({ unread: 3, mentions: 1 });
  });

  it('calls for a muted room only where it mentions me', () => {
    const of = (unread: number, mentions: number, muted: boolean) => calls({ unread, mentions, muted });
    expect([of(1, 0, false), of(1, 0, true), of(2, 1, true), of(0, 0, false)]).toEqual([true, false, true, false]);
  });
});

describe('the sections of the list', () => {
  it('hold each room once, the favourites first, by what was last said as the server or the page knows it', () => {
    const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString();
    const rooms = {
      a: room({ id: 'a', last_at: at(1) }),
      b: room({ id: 'b', last_at: at(2) }),
      c: room({ id: 'c', kind: 'direct', favourite: true }),
      d: room({ id: 'd', kind: 'direct', last_at: at(9) }),
      e: room({ id: 'e', kind: 'group' }),
    };
    const order = roomOrder({ rooms, activity: { e: Date.parse(at(5)) } });
    expect(order.map(({ id }) => id)).toEqual(['c', 'e', 'b', 'a', 'd']);
  });
});
