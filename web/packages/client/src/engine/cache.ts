import { takeSnapshot } from '../state/snapshot';
import type { State } from '../state/types';
import type { Engine } from './engine';

const SAVE_MS = 1_000;

/** Keeps a snapshot for the next load of the page. */
export class Cache {
  readonly #engine: Engine;
  #planned = false;

  constructor(engine: Engine) {
    this.#engine = engine;
    engine.store.subscribe((state, previous) => this.#notice(state, previous));
  }

  async restore(): Promise<boolean> {
    const snapshot = await this.#engine.ports.vault.snapshot().catch(() => null);
    if (!snapshot) return false;
    this.#engine.store.dispatch({ type: 'restored', snapshot });
    return true;
  }

  #notice(state: State, previous: State): void {
    const same = state.rooms === previous.rooms && state.timelines === previous.timelines && state.me === previous.me;
    if (same || this.#planned) return;
    this.#planned = true;
    this.#engine.ports.clock.after(SAVE_MS, () => this.save());
  }

  /** Writes what has changed since the last time, as when the page is about to go. */
  save(): void {
    if (!this.#planned) return;
    this.#planned = false;
    const snapshot = takeSnapshot(this.#engine.store.get());
    if (snapshot) this.#engine.ports.vault.saveSnapshot(snapshot).catch(() => {});
  }
}
