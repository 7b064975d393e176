import type { Action } from './state/actions';
import { reduce } from './state/reduce';
import { initialState, type State } from './state/types';

type Listener = (state: State, previous: State) => void;

export class Store {
  #state: State = initialState;
  readonly #listeners = new Set<Listener>();

  get = (): State => this.#state;

  dispatch = (action: Action): void => {
    const previous = this.#state;
    this.#state = reduce(previous, action);
    if (this.#state === previous) return;
    for (const listener of [...this.#listeners]) listener(this.#state, previous);
  };

  subscribe = (listener: Listener): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}
