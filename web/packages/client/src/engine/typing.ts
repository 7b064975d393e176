import type { Uuid } from '../generated';
import type { State } from '../state/types';
import { type Engine, isOnline } from './engine';

const REPEAT_MS = 3_000;
const TICK_MS = 1_000;

export class Typing {
  readonly #engine: Engine;
  readonly #told = new Map<Uuid, number>();
  #ticking = false;

  constructor(engine: Engine) {
    this.#engine = engine;
    engine.store.subscribe((state) => this.#tick(state));
  }

  /** At most one frame per room in three seconds while typing, and one when it stops. */
  set(room: Uuid, on: boolean): void {
    if (!isOnline(this.#engine)) return;
    const now = this.#engine.ports.clock.now();
    const last = this.#told.get(room);
    if (on ? last !== undefined && now - last < REPEAT_MS : last === undefined) return;
    if (on) this.#told.set(room, now);
    else this.#told.delete(room);
    this.#engine.link.request('typing', { room, on }).catch(() => {});
  }

  /** A message was sent: the receivers know by that that typing ended. */
  sent(room: Uuid): void {
    this.#told.delete(room);
  }

  #tick(state: State): void {
    if (this.#ticking || !Object.values(state.typing).some((users) => Object.keys(users).length > 0)) return;
    this.#ticking = true;
    const { clock } = this.#engine.ports;
    clock.after(TICK_MS, () => {
      this.#ticking = false;
      this.#engine.store.dispatch({ type: 'typing_expired', now: clock.now() });
      this.#tick(this.#engine.store.get());
    });
  }
}
