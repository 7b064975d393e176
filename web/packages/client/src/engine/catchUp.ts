import type { Uuid } from '../generated';
import type { State } from '../state/types';
import { type Engine, isOnline } from './engine';

const PAGE = 200;
const PAUSE_MS = 1_000;
/** Further behind than this, the newest page is fetched instead of everything in between. */
const TOO_FAR = 1_000;

/** Brings rooms that fell behind up to date: asks `sync` until nothing more is missing, one loop per room. */
export class CatchUp {
  readonly #engine: Engine;
  readonly #running = new Set<Uuid>();

  constructor(engine: Engine) {
    this.#engine = engine;
    engine.store.subscribe((state, previous) => this.#notice(state, previous));
  }

  #notice(state: State, previous: State): void {
    if (state.behind === previous.behind) return;
    for (const room of Object.keys(state.behind)) void this.#run(room);
  }

  async #run(room: Uuid): Promise<void> {
    if (this.#running.has(room)) return;
    this.#running.add(room);
    try {
      while (this.#isBehind(room)) await this.#step(room);
    } catch {
      this.#engine.ports.clock.after(PAUSE_MS, () => this.#isBehind(room) && void this.#run(room));
    } finally {
      this.#running.delete(room);
    }
  }

  async #step(room: Uuid): Promise<void> {
    const { store, link } = this.#engine;
    const reply = await link.request('sync', { room, after_rev: this.#from(room), limit: PAGE });
    store.dispatch({ type: 'synced', room, reply });
  }

  /** Where to go on. Without a timeline nothing in between is worth fetching, nor is a very long way. */
  #from(room: Uuid): number {
    const { store } = this.#engine;
    const state = store.get();
    const cursor = state.cursors[room] ?? 0;
    const known = state.rooms[room]?.rev ?? cursor;
    if (!state.timelines[room]) return Math.max(cursor, known);
    if (known - cursor <= TOO_FAR) return cursor;
    store.dispatch({ type: 'timeline_dropped', room });
    return known;
  }

  #isBehind(room: Uuid): boolean {
    return isOnline(this.#engine) && this.#engine.store.get().behind[room] === true;
  }
}
