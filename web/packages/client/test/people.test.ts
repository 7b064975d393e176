import { expect, it } from 'vitest';
import { BOB, hello, ROOM, room } from './make';
import { quiet, World } from './world';

const member = { user: BOB, username: 'bob', display_name: 'Bob', role: 'member', last_seen: null };

it('asks who is there, and what each has read, when a room is no longer large', async () => {
  const world = new World();
  world.start();
  await world.greet(hello({ rooms: [room({ members: 202 })] }));
  let read = 0;
  world.rest = async () => {
    read += 1;
    const members = [{ ...member, read_seq: read, delivered_seq: 3, joined_at: '2026-05-01T10:00:00.000Z' }];
    return { status: 200, text: async () => JSON.stringify({ members, next_cursor: null }) };
  };
  const leaves = async (members: number) => {
    world.wire.event({ event: 'member_left', room: ROOM, user: `user-${members}`, members });
    await quiet();
  };

  await leaves(201);
  await leaves(200);
  expect(world.wire.asked('presence'), 'nobody looked at its members').toHaveLength(0);

  world.wire.event({ event: 'member_joined', room: ROOM, ...member, user: 'user-x', members: 201 });
  await world.client.people.loadMembers(ROOM);
  expect(world.state.receipts[ROOM]?.[BOB]?.read_seq).toBe(1);
  await leaves(200);
  expect(world.wire.asked('presence')).toMatchObject([{ room: ROOM }]);
  await world.wire.ok('presence', { presence: [{ user: BOB, state: 'online', last_seen: null }] });
  expect(world.state.presence[BOB]?.state).toBe('online');
  expect(world.state.receipts[ROOM]?.[BOB]?.read_seq).toBe(2);

  await leaves(199);
  expect(world.wire.asked('presence'), 'once is enough').toHaveLength(1);
});
