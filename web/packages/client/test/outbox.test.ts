import { describe, expect, it } from 'vitest';
import { hello, ME, ROOM, room, seqs } from './make';
import { Browser, quiet, World } from './world';

const stored = (seq: number, duplicate = false) => ({
  seq,
  rev: seq,
  created_at: '2026-01-01T12:00:00.000Z',
  duplicate,
});

async function online(browser?: Browser): Promise<World> {
  const world = new World(browser);
  world.start();
  await world.greet();
  await quiet();
  return world;
}

async function openRoom(world: World): Promise<void> {
  void world.client.history.open(ROOM);
  await world.wire.ok('history', { messages: [], has_before: false, has_after: false });
}

describe('sending', () => {
  it('shows the message at once, keeps it until it is stored, and then gives it its place', async () => {
    const world = await online();
    await openRoom(world);
    void world.client.send(ROOM, 'hi');
    await quiet();
    expect(world.state.queue).toMatchObject([{ body: 'hi', state: 'sending' }]);
    expect(world.browser.queue.size).toBe(1);
    await world.wire.ok('send', stored(1));
    expect(world.state.queue).toEqual([]);
    expect(seqs(world.state)).toEqual([1]);
    expect(world.browser.queue.size).toBe(0);
  });

  it('sends one after the other, in order', async () => {
    const world = await online();
    for (const body of ['one', 'two', 'three']) void world.client.send(ROOM, body);
    await quiet();
    for (const [i, body] of ['one', 'two', 'three'].entries()) {
      expect(world.wire.asked('send')).toHaveLength(i + 1);
      expect(world.wire.asked('send')[i]?.body).toBe(body);
      await world.wire.ok('send', stored(i + 1));
    }
    expect(world.state.queue).toEqual([]);
  });

  it('keeps one client_id over a lost connection', async () => {
    const world = await online();
    void world.client.send(ROOM, 'hi');
    await quiet();
    const first = world.wire.asked('send')[0]?.client_id;
    world.wire.close();
    await world.clock.turn(60_000);
    await world.greet();
    const again = await world.wire.ok('send', stored(1, true));
    expect(again.client_id).toBe(first);
    expect(world.state.queue).toEqual([]);
  });

  it('waits as long as the server says, then tries the same again', async () => {
    const world = await online();
    void world.client.send(ROOM, 'hi');
    await quiet();
    const { client_id } = await world.wire.error('send', 'rate_limited', 5_000);
    expect(world.state.queue).toMatchObject([{ state: 'queued' }]);
    await world.clock.turn(4_000);
    expect(world.wire.asked('send')).toHaveLength(1);
    await world.clock.turn(2_000);
    expect(world.wire.asked('send')[1]?.client_id).toBe(client_id);
  });

  it('marks a refusal as failed, goes on with the next, and retries or deletes on demand', async () => {
    const world = await online();
    void world.client.send(ROOM, 'bad');
    void world.client.send(ROOM, 'good');
    await quiet();
    const { client_id } = await world.wire.error('send', 'not_member');
    expect(world.state.queue[0]).toMatchObject({ body: 'bad', state: 'failed', failure: 'not_member' });
    expect(world.browser.queue.get(String(client_id))?.state).toBe('failed');
    await world.wire.ok('send', stored(1));

    void world.client.outbox.retry(String(client_id));
    await quiet();
    expect((await world.wire.error('send', 'not_member')).client_id).toBe(client_id);
    await world.client.outbox.cancel(String(client_id));
    expect(world.state.queue).toEqual([]);
    expect(world.browser.queue.size).toBe(0);
  });
});

describe('while offline', () => {
  it('keeps messages over a reload and sends them then', async () => {
    const browser = new Browser();
    const before = await online(browser);
    before.client.setNetwork(false);
    void before.client.send(ROOM, 'later');
    await quiet();
    expect(before.state.queue).toMatchObject([{ state: 'queued' }]);

    const after = await online(browser);
    expect((await after.wire.ok('send', stored(1))).body).toBe('later');
    expect(browser.queue.size).toBe(0);
  });

  it('does not send what another account left behind', async () => {
    const browser = new Browser();
    browser.queue.set('x', {
      client_id: 'x',
      room: ROOM,
      author: 'somebody',
      body: 'no',
      created_at: 0,
      state: 'queued',
    });
    const world = await online(browser);
    expect(world.state.queue).toEqual([]);
    expect(world.wire.asked('send')).toEqual([]);
  });
});

describe('several tabs', () => {
  it('send a queued message once between them', async () => {
    const browser = new Browser();
    const one = await online(browser);
    const two = await online(browser);
    void one.client.send(ROOM, 'hi');
    await quiet();
    expect(two.state.queue).toHaveLength(1);
    await one.wire.ok('send', stored(1));
    await two.clock.turn(10_000);
    expect(two.wire.asked('send')).toEqual([]);
    expect(two.state.queue).toEqual([]);
  });

  it('take over what a tab could not send', async () => {
    const browser = new Browser();
    const one = await online(browser);
    const two = await online(browser);
    one.client.setNetwork(false);
    void one.client.send(ROOM, 'hi');
    await quiet();
    await two.clock.turn(10_000);
    const sent = await two.wire.ok('send', stored(1));
    expect(sent.client_id).toBe([...one.state.queue][0]?.client_id);
    expect(browser.queue.size).toBe(0);
  });

  it('forget a message that arrives as an event, sent by another tab', async () => {
    const browser = new Browser();
    const one = await online(browser);
    one.client.setNetwork(false);
    void one.client.send(ROOM, 'hi');
    await quiet();
    const client_id = one.state.queue[0]?.client_id ?? '';
    one.client.setNetwork(true);
    one.wire.open();
    await one.wire.ok('hello', hello({ rooms: [room({ last_seq: 0, rev: 0 })] }));
    one.wire.event({
      event: 'message',
      room: ROOM,
      seq: 1,
      rev: 1,
      author: ME,
      client_id,
      body: 'hi',
      created_at: '2026-01-01T12:00:00.000Z',
    });
    await quiet();
    expect(one.state.queue).toEqual([]);
    expect(browser.queue.size).toBe(0);
  });
});
