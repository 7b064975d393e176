import { describe, expect, it } from 'vitest';
import { hello, message, ROOM, room } from './make';
import { quiet, World } from './world';

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 1);
const LAST = 100_000;
const at = (seq: number) => new Date(START + seq * MINUTE).toISOString();

/** A room with a message each minute; answers what is asked until there is an answer to `seqAt`. */
async function search(time: number): Promise<{ seq: number; questions: number }> {
  const world = new World();
  world.start();
  await world.greet(hello({ rooms: [room({ last_seq: LAST, read_seq: LAST })] }));
  let seq: number | undefined;
  void world.client.history.seqAt(ROOM, time).then((found) => {
    seq = found;
  });
  await quiet();
  while (seq === undefined) {
    const next = Number(world.wire.asked('history').at(-1)?.after) + 1;
    const messages = [message(next, { created_at: at(next) })];
    await world.wire.ok('history', { messages, has_before: next > 1, has_after: next < LAST });
  }
  return { seq, questions: world.wire.asked('history').length };
}

describe('the first message of a time', () => {
  it.each([
    ['before everything', START - MINUTE, 1],
    ['exactly then', START + 4_321 * MINUTE, 4_321],
    ['between two', START + 4_321 * MINUTE + 1, 4_322],
    ['after everything', START + (LAST + 5) * MINUTE, LAST],
  ])('%s', async (_when, time, wanted) => {
    const { seq, questions } = await search(time);
    expect(seq).toBe(wanted);
    expect(questions).toBeLessThanOrEqual(Math.ceil(Math.log2(LAST)));
  });
});

it('a room whose messages were dropped while they were fetched is fetched again', async () => {
  const world = new World();
  world.start();
  await world.greet(hello({ rooms: [room({ last_seq: 2, rev: 2, read_seq: 2 })] }));
  void world.client.history.open(ROOM);
  world.wire.event({ event: 'resync', room: ROOM, after_rev: 0 });
  const page = { messages: [message(1), message(2)], has_before: false, has_after: false };
  await world.wire.ok('history', page);
  expect(world.state.timelines[ROOM]?.loaded).not.toBe(true);
  await world.wire.ok('history', page);
  expect(world.state.timelines[ROOM]?.messages.map(({ seq }) => seq)).toEqual([1, 2]);
});

it('what is asked for while another page is on its way is fetched after it', async () => {
  const world = new World();
  world.start();
  await world.greet(hello({ rooms: [room({ last_seq: 200, rev: 200, read_seq: 200 })] }));
  void world.client.history.open(ROOM);
  await world.wire.ok('history', { messages: [message(199), message(200)], has_before: true, has_after: false });
  void world.client.history.before(ROOM);
  void world.client.history.open(ROOM, 30);
  await world.wire.ok('history', { messages: [message(197), message(198)], has_before: true, has_after: false });
  await world.wire.ok('history', { messages: [message(29), message(30)], has_before: true, has_after: true });
  expect(world.wire.asked('history').map(({ around }) => around)).toEqual([undefined, undefined, 30]);
  expect(world.state.timelines[ROOM]?.messages.map(({ seq }) => seq)).toEqual([29, 30]);
});
