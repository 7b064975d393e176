import { failureCode } from '../errors';
import type { Message, Uuid } from '../generated';
import { at } from '../state/timeline';
import type { State } from '../state/types';
import type { Engine } from './engine';

/** Messages that others answer, fetched one by one where they lie outside of what is held. */
export class Originals {
  readonly #engine: Engine;
  readonly #asked = new Set<string>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async want(room: Uuid, seq: number): Promise<void> {
    const { ports, store } = this.#engine;
    const key = `${room} ${seq}`;
    if (original(store.get(), room, seq) !== undefined || this.#asked.has(key)) return;
    this.#asked.add(key);
    try {
      const { message } = await ports.api.message(room, seq);
      store.dispatch({ type: 'original', room, seq, message });
    } catch (cause) {
      // What is not there now will not be there later; anything else may be asked again.
      if (failureCode(cause) === 'not_found') store.dispatch({ type: 'original', room, seq, message: null });
    } finally {
      this.#asked.delete(key);
    }
  }
}

/** A message wherever it is held. Undefined: not yet; null: there is none. */
export function original(
  { timelines, originals }: Pick<State, 'timelines' | 'originals'>,
  room: Uuid,
  seq: number,
): Message | null | undefined {
  const timeline = timelines[room];
  return (timeline && at(timeline, seq)) ?? originals[room]?.[seq];
}
