import type { State } from '@chirm/client';
import { expect, test, vi } from 'vitest';
import { takeBack } from './takeBack';

test('what was read is taken back, and not what this tab has not heard of yet', async () => {
  const told = (room: string, seq: number) => ({ data: { room, seq }, close: vi.fn() }) as unknown as Notification;
  const [read, newer, elsewhere] = [told('a', 5), told('a', 6), told('b', 1)];
  // Room a has nothing unread as far as this tab knows.
  const rooms = { a: { read_seq: 5, unread: 0 } } as unknown as State['rooms'];
  await takeBack(Promise.resolve({ getNotifications: async () => [read, newer, elsewhere] }), rooms);
  expect([read, newer, elsewhere].map(({ close }) => vi.mocked(close).mock.calls.length)).toEqual([1, 0, 0]);
});
