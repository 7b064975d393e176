import { failureCode } from '../errors';
import type { HistoryRequest, Uuid } from '../generated';
import type { PageDirection, State } from '../state/types';
import type { Engine } from './engine';

const PAGE = 60;

/** Fetches pages of a room's log; at most one at a time per room. */
export class History {
  readonly #engine: Engine;
  readonly #running = new Map<Uuid, Promise<void>>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Shows a room at `seq`, or at the first unread message, or at its end. What is held already is not asked for again. */
  async open(room: Uuid, seq?: number, arriving = false): Promise<void> {
    if (arriving && seq === undefined) this.#leaveOldStretch(room);
    const state = () => this.#engine.store.get();
    while (!state().timelines[room]?.loaded || (seq !== undefined && !holds(state(), room, seq))) {
      const running = this.#running.get(room);
      if (!running) return this.#page(room, 'open', start(state(), room, seq));
      // The page that is on its way may not have what is asked for.
      await running;
    }
  }

  /** Who comes back to find unread messages elsewhere than where they left begins there, not where they left. */
  #leaveOldStretch(room: Uuid): void {
    const state = this.#engine.store.get();
    const { unread = 0, read_seq = 0 } = state.rooms[room] ?? {};
    if (!state.timelines[room]?.loaded || unread === 0 || holds(state, room, read_seq + 1)) return;
    this.#engine.store.dispatch({ type: 'timeline_dropped', room });
  }

  /** The end of the room, wherever the stretch that is held lies. */
  async openLatest(room: Uuid): Promise<void> {
    while (this.#engine.store.get().timelines[room]?.hasAfter !== false) {
      const running = this.#running.get(room);
      if (!running) return this.#page(room, 'open', {});
      await running;
    }
  }

  /**
   * The first message at or after a time; the last one where there is none so late. Found by halving, because messages
   * are numbered in the order of their times: some twenty questions in a million messages.
   */
  async seqAt(room: Uuid, time: number): Promise<number> {
    const last = this.#engine.store.get().rooms[room]?.last_seq ?? 0;
    let low = 1;
    let high = last;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const reply = await this.#engine.link.request('history', { room, after: middle - 1, limit: 1 });
      const found = reply.messages[0];
      if (found && Date.parse(found.created_at) < time) low = found.seq + 1;
      else high = middle;
    }
    return low;
  }

  async before(room: Uuid): Promise<void> {
    const timeline = this.#engine.store.get().timelines[room];
    const first = timeline?.messages[0]?.seq;
    if (!timeline?.hasBefore || first === undefined) return;
    await this.#page(room, 'before', { before: first });
  }

  async after(room: Uuid): Promise<void> {
    const timeline = this.#engine.store.get().timelines[room];
    const last = timeline?.messages.at(-1)?.seq;
    if (!timeline?.hasAfter || last === undefined) return;
    await this.#page(room, 'after', { after: last });
  }

  #page(room: Uuid, direction: PageDirection, where: Partial<HistoryRequest>): Promise<void> {
    const running = this.#fetch(room, direction, where).finally(() => {
      if (this.#running.get(room) === running) this.#running.delete(room);
    });
    if (!this.#running.has(room)) this.#running.set(room, running);
    return running;
  }

  async #fetch(room: Uuid, direction: PageDirection, where: Partial<HistoryRequest>): Promise<void> {
    const { store, link } = this.#engine;
    if (store.get().timelines[room]?.loading) return;
    store.dispatch({ type: 'page_asked', room, direction });
    try {
      const reply = await link.request('history', { room, limit: PAGE, ...where });
      if (store.get().timelines[room]) store.dispatch({ type: 'page', room, direction, reply });
      // Dropped while the page was on its way: what it holds may be outdated, but somebody still waits for one.
      else if (direction === 'open' && store.get().rooms[room]) await this.#fetch(room, direction, where);
    } catch (cause) {
      store.dispatch({ type: 'page_failed', room, failure: failureCode(cause) });
    }
  }
}

function holds(state: State, room: Uuid, seq: number): boolean {
  const messages = state.timelines[room]?.messages ?? [];
  return (messages[0]?.seq ?? Number.POSITIVE_INFINITY) <= seq && seq <= (messages.at(-1)?.seq ?? 0);
}

function start(state: State, room: Uuid, seq: number | undefined): Partial<HistoryRequest> {
  const { unread = 0, read_seq = 0 } = state.rooms[room] ?? {};
  if (seq !== undefined) return { around: seq };
  return unread > 0 ? { around: read_seq + 1 } : {};
}
