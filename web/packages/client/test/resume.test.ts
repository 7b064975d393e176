import { describe, expect, it } from 'vitest';
import { BOB, hello, messages, ROOM, room, seqs, user } from './make';
import { quiet, World } from './world';

const at = (last: number, read = last) =>
  hello({
    rooms: [room({ last_seq: last, rev: last, read_seq: read, delivered_seq: last, unread: last - read })],
  });

/** Online with messages 1 to 3 of the room held. */
async function reading(): Promise<World> {
  const world = new World();
  world.start();
  await world.greet(at(3));
  void world.client.history.open(ROOM);
  await world.wire.ok('history', { messages: messages(1, 3), has_before: false, has_after: false });
  return world;
}

describe('arrivals', () => {
  it('are new messages alone, each once: no changes of older ones, nothing that was missed', async () => {
    const world = await reading();
    const heard: number[] = [];
    const stop = world.client.onArrival(({ seq }) => heard.push(seq));
    const [third, fourth, fifth] = messages(3, 5);
    world.wire.event({ event: 'message', ...fourth });
    world.wire.event({ event: 'message', ...fourth });
    world.wire.event({ event: 'message', ...third, rev: 5, body: 'better' });
    world.wire.event({ event: 'sync', room: ROOM, messages: [{ ...fifth, rev: 6 }], rev: 6, more: false });
    expect(heard).toEqual([4]);
    stop();
    world.wire.event({ event: 'message', ...fourth, seq: 6, rev: 7 });
    expect(heard).toEqual([4]);
    expect(world.state.rooms[ROOM]?.last_seq).toBe(6);
  });
});

describe('the connection', () => {
  it('comes back by itself, later and later, and at once when asked', async () => {
    const world = await reading();
    world.wire.close();
    expect(world.state.connection).toMatchObject({ kind: 'waiting' });
    await world.clock.turn(1_000);
    expect(world.wires).toHaveLength(2);
    for (let i = 0; i < 6; i++) {
      world.wire.close();
      const { connection } = world.state;
      if (connection.kind !== 'waiting') throw new Error(connection.kind);
      await world.clock.turn(connection.until - world.clock.now());
    }
    expect(world.wires).toHaveLength(8);
    world.wire.close();
    world.client.retryNow();
    expect(world.wires).toHaveLength(9);
  });

  it('does not wait for ever for a server that takes the call and stays silent', async () => {
    const world = new World();
    world.start();
    await world.clock.turn(15_000);
    expect([world.wire.closed, world.state.connection.kind]).toEqual([true, 'waiting']);
    await world.clock.turn(1_000);
    await world.greet(at(3));
    await world.clock.turn(15_000);
    expect([world.wires.length, world.state.connection.kind]).toEqual([2, 'online']);
  });

  it('stops at a session that ended, and starts again after signing in', async () => {
    const world = await reading();
    world.wire.event({ event: 'session_revoked' });
    world.wire.close(4401);
    expect(world.state.connection.kind).toBe('unauthorized');
    await world.clock.turn(60_000);
    expect(world.wires).toHaveLength(1);
    expect(seqs(world.state)).toEqual([1, 2, 3]);
    if (world.state.me) await world.client.signedIn(world.state.me);
    await world.greet(at(3));
    expect(world.state.connection.kind).toBe('online');
  });

  it('tells nobody who signs out that their session ended', async () => {
    const world = await reading();
    let answer = (_: { status: number }) => {};
    world.rest = () =>
      new Promise((done) => {
        answer = ({ status }) => done({ status, text: async () => '' });
      });
    const out = world.client.signOut();
    world.wire.event({ event: 'session_revoked' });
    world.wire.close(4401);
    await quiet();
    expect(world.state.connection.kind).toBe('online');
    // Nor that it failed, where only the answer was lost.
    answer({ status: 502 });
    await out;
    expect(world.state.me).toBeNull();
    expect(world.wires).toHaveLength(1);
  });

  it('leaves who could not be signed out where they are', async () => {
    const world = await reading();
    world.rest = async () => ({ status: 503, text: async () => '' });
    await expect(world.client.signOut()).rejects.toMatchObject({ code: 'unavailable' });
    expect(world.state.me).not.toBeNull();
    world.wire.event({ event: 'session_revoked' });
    expect(world.state.connection.kind).toBe('unauthorized');
  });

  it('treats an unauthorized hello and close code 4401 alike', async () => {
    const world = new World();
    world.start();
    world.wire.open();
    await world.wire.error('hello', 'unauthorized');
    expect(world.state.connection.kind).toBe('unauthorized');
    expect(world.wire.closed).toBe(true);
  });

  it('stays away as long as a draining server asks', async () => {
    const world = await reading();
    world.wire.event({ event: 'server_draining', reconnect_after_ms: 10_000 });
    world.wire.close(1001);
    expect(world.state.connection).toMatchObject({ kind: 'waiting', draining: true });
    await world.clock.turn(9_000);
    expect(world.wires).toHaveLength(1);
    await world.clock.turn(5_000);
    expect(world.wires).toHaveLength(2);
  });

  it('notices a connection that died without a word', async () => {
    const world = await reading();
    await world.clock.turn(15_000);
    expect(world.wire.asked('ping')).toHaveLength(1);
    await world.clock.turn(7_000);
    expect(world.wires.length).toBeGreaterThan(1);
    expect(world.wires[0]?.closed).toBe(true);
  });

  it('says so when nothing answers, and when something does again', async () => {
    const world = await reading();
    world.client.setAway(true);
    await world.clock.turn(1_100);
    world.wire.event({ event: 'typing', room: ROOM, user: BOB, on: true });
    await world.clock.turn(1_100);
    expect(world.state.connection, 'slow to answer is not silent').toEqual({ kind: 'online' });
    await world.clock.turn(200);
    expect(world.state.connection).toEqual({ kind: 'online', silent: true });
    expect(world.wire.asked('ping')).toHaveLength(1);
    await world.wire.ok('ping', {});
    expect(world.state.connection).toEqual({ kind: 'online', silent: false });
    await world.wire.ok('set_presence', { state: 'away' });
    await world.clock.turn(10_000);
    expect(world.state.connection, 'nothing is awaited').toEqual({ kind: 'online', silent: false });
  });

  it('gives up what stays silent', async () => {
    const world = await reading();
    world.client.setAway(true);
    await world.clock.turn(7_300);
    expect(world.state.connection.kind).toBe('waiting');
    expect(world.wires[0]?.closed).toBe(true);
  });

  it('follows what the device knows about its network', async () => {
    const world = await reading();
    world.client.setNetwork(false);
    expect(world.state.connection.kind).toBe('no_network');
    await world.clock.turn(60_000);
    expect(world.wires).toHaveLength(1);
    world.client.setNetwork(true);
    expect(world.wires).toHaveLength(2);
  });
});

describe('coming back', () => {
  it('asks for what was missed since the held cursors, and shows it in order', async () => {
    const world = await reading();
    world.wire.close();
    await world.clock.turn(1_000);
    world.wire.open();
    const asked = await world.wire.ok('hello', at(5, 3));
    expect(asked).toMatchObject({ epoch: 'e1', cursors: { [ROOM]: 3 } });
    world.wire.event({ event: 'sync', room: ROOM, messages: messages(4, 5), rev: 5, more: false });
    expect(seqs(world.state)).toEqual([1, 2, 3, 4, 5]);
    expect(world.wire.asked('sync')).toEqual([]);
  });

  it('goes on with sync until nothing more is missing', async () => {
    const world = await reading();
    world.wire.close();
    await world.clock.turn(1_000);
    await world.greet(at(8, 3));
    world.wire.event({ event: 'sync', room: ROOM, messages: messages(4, 5), rev: 5, more: true });
    await quiet();
    expect(await world.wire.ok('sync', { messages: messages(6, 7), rev: 7, more: true })).toMatchObject({
      after_rev: 5,
    });
    expect(await world.wire.ok('sync', { messages: messages(8, 8), rev: 8, more: false })).toMatchObject({
      after_rev: 7,
    });
    expect(seqs(world.state)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(world.state.behind).toEqual({});
  });

  it('fetches what a slow session was not sent', async () => {
    const world = await reading();
    world.wire.event({ event: 'resync', room: ROOM, after_rev: 3 });
    await quiet();
    expect(await world.wire.ok('sync', { messages: messages(4, 4), rev: 4, more: false })).toMatchObject({
      after_rev: 3,
    });
    expect(seqs(world.state)).toEqual([1, 2, 3, 4]);
  });

  it('begins anew where what it held has no continuation', async () => {
    const world = await reading();
    world.wire.event({ event: 'resync', room: ROOM, after_rev: 0 });
    await quiet();
    expect(world.state.timelines[ROOM]).toBeUndefined();
    expect(await world.wire.ok('sync', { messages: [], rev: 3, more: false })).toMatchObject({ after_rev: 3 });
    expect(world.state.behind).toEqual({});
  });

  it('closes a gap that should not be there', async () => {
    const world = await reading();
    world.wire.event({ event: 'message', ...messages(5, 5)[0] });
    await quiet();
    expect(await world.wire.ok('sync', { messages: messages(4, 5), rev: 5, more: false })).toMatchObject({
      after_rev: 3,
    });
    expect(seqs(world.state)).toEqual([1, 2, 3, 4, 5]);
  });

  it('tries a sync again that failed', async () => {
    const world = await reading();
    world.wire.event({ event: 'resync', room: ROOM, after_rev: 3 });
    await quiet();
    // The server says once more what is missing, and then refuses: that is no reason to hurry.
    world.wire.event({ event: 'resync', room: ROOM, after_rev: 3 });
    await world.wire.error('sync', 'unavailable');
    expect(world.wire.asked('sync')).toHaveLength(1);
    await world.clock.turn(2_000);
    await world.wire.ok('sync', { messages: messages(4, 4), rev: 4, more: false });
    expect(seqs(world.state)).toEqual([1, 2, 3, 4]);
  });

  it('tells what was read meanwhile', async () => {
    const world = await reading();
    world.wire.event({ event: 'message', ...messages(4, 4)[0] });
    world.client.setNetwork(false);
    world.client.marks.read(ROOM, 4);
    world.client.setNetwork(true);
    await world.greet(at(4, 3));
    expect(await world.wire.ok('read', { read_seq: 4, unread: 0 })).toMatchObject({ seq: 4 });
    expect(world.state.rooms[ROOM]?.unread).toBe(0);
  });
});

describe('a reload', () => {
  it('shows the last snapshot and asks only for what was missed', async () => {
    const before = await reading();
    await before.clock.turn(5_000);
    const after = new World(before.browser);
    void after.client.resume();
    await quiet();
    expect(seqs(after.state)).toEqual([1, 2, 3]);
    after.wire.open();
    expect(await after.wire.ok('hello', at(3))).toMatchObject({ epoch: 'e1', cursors: { [ROOM]: 3 } });
  });

  /** A page that is loaded again, whose server answers this to `GET /me`. */
  async function reloaded(me: () => Promise<{ status: number; text(): Promise<string> }>): Promise<World> {
    const before = await reading();
    await before.clock.turn(5_000);
    const world = new World(before.browser);
    world.rest = me;
    return world;
  }
  const says = (status: number, body: object) => async () => ({ status, text: async () => JSON.stringify(body) });
  const hangs = () => new Promise<never>(() => {});
  const bob = user(BOB);

  it('does not wait for a server that hangs, neither to show nor to connect', async () => {
    let give = (_cause: Error) => {};
    const world = await reloaded(() => new Promise((_, fail) => (give = fail)));
    const resumed = world.client.resume();
    await quiet();
    expect(seqs(world.state)).toEqual([1, 2, 3]);
    await world.greet(at(3));
    expect(world.state.connection.kind).toBe('online');
    give(new Error('it took too long'));
    expect(await resumed).toBe(true);
    expect(seqs(world.state)).toEqual([1, 2, 3]);
  });

  it('shows nothing of one account to another, whichever answer says so first', async () => {
    const byRest = await reloaded(says(200, { user: bob }));
    expect(await byRest.client.resume()).toBe(true);
    expect([byRest.state.me?.id, Object.keys(byRest.state.rooms)]).toEqual([BOB, []]);

    const byHello = await reloaded(hangs);
    void byHello.client.resume();
    await quiet();
    await byHello.greet({ ...at(9), user: bob });
    expect([byHello.state.me?.id, Object.keys(byHello.state.rooms)]).toEqual([BOB, []]);
    expect(byHello.browser.snapshot).toBe(null);
    // Nothing that the other one held is asked to go on.
    byHello.wire.open();
    expect(await byHello.wire.ok('hello', { ...at(9), user: bob })).not.toHaveProperty('cursors');
    expect(byHello.state.connection.kind).toBe('online');
  });

  it('leaves who is no longer signed in', async () => {
    const world = await reloaded(says(401, { code: 'unauthorized' }));
    expect(await world.client.resume()).toBe(false);
    expect([world.state.me, world.wire.closed]).toEqual([null, true]);
  });

  it('fails where there is neither a server nor a memory', async () => {
    await expect(new World().client.resume()).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('coming back to a room', () => {
  const page = (from: number, to: number, last: number) => ({
    messages: messages(from, to),
    has_before: from > 1,
    has_after: to < last,
  });

  async function left(unread: number): Promise<World> {
    const world = new World();
    world.start();
    await world.greet(at(90, 90 - unread));
    void world.client.history.open(ROOM, 20);
    await world.wire.ok('history', page(1, 40, 90));
    return world;
  }

  it('begins at the first unread message, wherever one left', async () => {
    const world = await left(5);
    void world.client.history.open(ROOM, undefined, true);
    expect(await world.wire.ok('history', page(60, 90, 90))).toMatchObject({ around: 86 });
    expect(seqs(world.state)[0]).toBe(60);
  });

  it('begins where one left when nothing is unread', async () => {
    const world = await left(0);
    void world.client.history.open(ROOM, undefined, true);
    expect(world.wire.asked('history')).toHaveLength(1);
    expect(seqs(world.state)[0]).toBe(1);
  });

  it('moves nobody away who is reading while the connection comes back', async () => {
    const world = await left(5);
    void world.client.history.open(ROOM);
    expect(world.wire.asked('history')).toHaveLength(1);
  });
});

describe('delivery', () => {
  it('is told once for several messages', async () => {
    const world = await reading();
    for (const next of messages(4, 6)) world.wire.event({ event: 'message', ...next });
    await world.clock.turn(1_000);
    expect(world.wire.asked('delivered')).toMatchObject([{ room: ROOM, seq: 6 }]);
  });
});

describe('typing', () => {
  it('is told at most once in three seconds', async () => {
    const world = await reading();
    world.client.typing.set(ROOM, true);
    world.client.typing.set(ROOM, true);
    expect(world.wire.asked('typing')).toHaveLength(1);
    await world.clock.turn(3_000);
    world.client.typing.set(ROOM, true);
    world.client.typing.set(ROOM, false);
    world.client.typing.set(ROOM, false);
    expect(world.wire.asked('typing').map((request) => request.on)).toEqual([true, true, false]);
  });
});
