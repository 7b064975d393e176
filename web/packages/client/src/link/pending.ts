import type { Cancel, Clock } from '../clock';
import { Failure } from '../errors';

interface Waiter {
  resolve(value: unknown): void;
  reject(failure: Failure): void;
  cancel: Cancel;
}

/** Requests that wait for their reply, by id. */
export class Pending {
  readonly #clock: Clock;
  readonly #waiters = new Map<number, Waiter>();
  #next = 1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#waiters.size;
  }

  add(timeoutMs: number): { id: number; reply: Promise<unknown> } {
    const id = this.#next++;
    const reply = new Promise<unknown>((resolve, reject) => {
      const cancel = this.#clock.after(timeoutMs, () => this.fail(id, new Failure('timeout')));
      this.#waiters.set(id, { resolve, reject, cancel });
    });
    return { id, reply };
  }

  settle(id: number, value: unknown): void {
    this.#take(id)?.resolve(value);
  }

  fail(id: number, failure: Failure): void {
    this.#take(id)?.reject(failure);
  }

  /** The connection is gone: nobody knows what became of these. */
  failAll(failure: Failure): void {
    for (const id of [...this.#waiters.keys()]) this.fail(id, failure);
  }

  #take(id: number): Waiter | undefined {
    const waiter = this.#waiters.get(id);
    waiter?.cancel();
    this.#waiters.delete(id);
    return waiter;
  }
}
