import type { Uuid } from '../generated';
import type { State } from '../state/types';
import { type Engine, isOnline } from './engine';

const DELIVERED_MS = 250;
/** In rooms too large for receipts nobody watches: there it may be told rarely. */
const DELIVERED_LARGE_MS = 5_000;

/** Tells the server how far this device received and its user read. */
export class Marks {
  readonly #engine: Engine;
  readonly #reading = new Map<Uuid, number>();
  readonly #busy = new Set<Uuid>();
  readonly #planned = new Set<Uuid>();

  constructor(engine: Engine) {
    this.#engine = engine;
    engine.store.subscribe((state, previous) => this.#notice(state, previous));
  }

  /** Seen on screen up to `seq`. Remembered while offline. */
  read(room: Uuid, seq: number): void {
    const wanted = Math.max(seq, this.#reading.get(room) ?? 0);
    if (wanted <= (this.#engine.store.get().rooms[room]?.read_seq ?? wanted)) return;
    this.#reading.set(room, wanted);
    void this.#tellRead(room);
  }

  /** After a reconnection: what could not be told. */
  resume(): void {
    for (const room of this.#reading.keys()) void this.#tellRead(room);
  }

  forget(): void {
    this.#reading.clear();
  }

  async #tellRead(room: Uuid): Promise<void> {
    if (this.#busy.has(room) || !isOnline(this.#engine)) return;
    this.#busy.add(room);
    const { link, store } = this.#engine;
    try {
      for (let seq = this.#reading.get(room); seq !== undefined; seq = this.#reading.get(room)) {
        const reply = await link.request('read', { room, seq });
        store.dispatch({ type: 'read', room, reply });
        if (this.#reading.get(room) === seq) this.#reading.delete(room);
      }
    } catch {
      // Reading goes on: the next message seen, or the next connection, tells it again.
    } finally {
      this.#busy.delete(room);
    }
  }

  #notice(state: State, previous: State): void {
    if (state.rooms === previous.rooms || state.connection.kind !== 'online') return;
    const large = state.server?.limits.presence_members ?? 0;
    for (const room of Object.values(state.rooms)) {
      if (room.role === null || room.delivered_seq >= room.last_seq || this.#planned.has(room.id)) continue;
      this.#planned.add(room.id);
      const wait = room.members > large ? DELIVERED_LARGE_MS : DELIVERED_MS;
      this.#engine.ports.clock.after(wait, () => void this.#tellDelivered(room.id));
    }
  }

  async #tellDelivered(id: Uuid): Promise<void> {
    this.#planned.delete(id);
    const { link, store } = this.#engine;
    const { rooms, me } = store.get();
    const room = rooms[id];
    if (!room || !me || room.delivered_seq >= room.last_seq || !isOnline(this.#engine)) return;
    try {
      const { delivered_seq } = await link.request('delivered', { room: id, seq: room.last_seq });
      const event = { event: 'receipt' as const, room: id, user: me.id, delivered_seq };
      store.dispatch({ type: 'event', event, now: this.#engine.ports.clock.now() });
    } catch {
      // The next message, or `hello`, brings it up again.
    }
  }
}
