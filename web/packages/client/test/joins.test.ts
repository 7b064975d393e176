import { describe, expect, it } from 'vitest';
import { joins, type Member, rows } from '../src';
import { BOB, ME, message, room, user } from './make';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString();
const member = (id: string, minute: number): Member => {
  const { username, display_name } = user(id);
  return { user: id, username, display_name, role: 'member', joined_at: at(minute), read_seq: 0, delivered_seq: 0 };
};
const members = [member(ME, 0), member(BOB, 3), member('user-c', 2), member('user-d', 7)];
const made = room({ created_at: at(0) });

describe('who came in', () => {
  it('leaves out those who founded the room, and puts the others in order', () => {
    const all = joins(made, members, { from: undefined, to: undefined });
    expect(all.map(({ user: id }) => id)).toEqual(['user-c', BOB, 'user-d']);
  });

  it('is told only for the stretch that is shown', () => {
    const some = joins(made, members, { from: at(2), to: at(5) });
    expect(some.map(({ user: id }) => id)).toEqual([BOB]);
  });

  it('is one line however many they were, and the next message shows its author again', () => {
    const list = [message(1, { created_at: at(1) }), message(2, { created_at: at(4) })];
    const joined = joins(made, members, { from: undefined, to: undefined });
    const shown = rows({ messages: list, queue: [], newAfter: null, joined, dayOf: () => 0 });
    expect(shown.map((row) => (row.kind === 'joined' ? row.users : row.kind))).toEqual([
      'day',
      'message',
      ['user-c', BOB],
      'message',
      ['user-d'],
    ]);
    expect(shown[3]).toMatchObject({ kind: 'message', head: true });
  });
});
