import { Failure, type FailureCode, failureCode } from '../errors';
import type { Uuid } from '../generated';
import { queueOf } from '../select/lists';
import type { Queued, State } from '../state/types';
import { type Engine, isOnline } from './engine';

/** With these the message may still go, or may even be stored: the same `client_id` makes asking again safe. */
const RETRIED: ReadonlySet<FailureCode> = new Set([
  'offline',
  'timeout',
  'unavailable',
  'rate_limited',
  'internal',
  'unauthorized',
]);
const PAUSE_MS = 2_000;
/** How long another tab may take to send what it queued before this one does. */
const OTHER_TAB_MS = 3_000;
const LOCK = 'chirm-outbox';

/** Messages on their way: stored before they are sent, sent in order by one tab at a time, kept until they have a place. */
export class Outbox {
  readonly #engine: Engine;
  readonly #unsaved = new Map<Uuid, Queued>();
  #flushing = false;
  #again = false;
  /** The server asked for patience until then (clock time). */
  #notBefore = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
    engine.store.subscribe((state, previous) => this.#forgetSettled(state, previous));
  }

  async add(room: Uuid, body: string, replyTo?: number): Promise<void> {
    const { ports, store } = this.#engine;
    const author = store.get().me?.id;
    if (!author) return;
    const reply = replyTo === undefined ? {} : { reply_to: replyTo };
    const identity = { client_id: ports.uuid(), created_at: ports.clock.now() };
    await this.#save({ ...identity, room, author, body, ...reply, state: 'queued' });
    await this.flush();
  }

  /** What has no place yet, in the order in which it will be sent. */
  list(room?: Uuid): readonly Queued[] {
    return room === undefined ? this.#queue() : queueOf(this.#queue(), room);
  }

  /** Now instead of later; what was refused is tried again. Without a connection, that is tried now. */
  async retry(clientId: Uuid): Promise<void> {
    const queued = this.#find(clientId);
    if (!queued || queued.state === 'sending') return;
    const { failure: _old, ...rest } = queued;
    await this.#save({ ...rest, state: 'queued' });
    this.#notBefore = 0;
    if (!isOnline(this.#engine)) this.#engine.link.nudge();
    await this.flush();
  }

  /** Takes a message back. False: it is on the wire, and may be stored already. */
  async cancel(clientId: Uuid): Promise<boolean> {
    const queued = this.#find(clientId);
    if (!queued || queued.state === 'sending') return false;
    this.#show(this.#queue().filter((queued) => queued.client_id !== clientId));
    await this.#quietly(this.#engine.ports.vault.removeQueued(clientId));
    this.#engine.ports.tabs.tell('queue');
    return true;
  }

  /** Another tab changed the queue. */
  async reload(): Promise<void> {
    await this.#load();
    this.#engine.ports.clock.after(OTHER_TAB_MS, () => void this.flush());
  }

  async flush(): Promise<void> {
    this.#again = true;
    if (this.#flushing) return;
    this.#flushing = true;
    while (this.#again && isOnline(this.#engine) && this.#engine.ports.clock.now() >= this.#notBefore) {
      this.#again = false;
      await this.#engine.ports.tabs.exclusively(LOCK, () => this.#drain());
    }
    this.#flushing = false;
  }

  async #drain(): Promise<void> {
    await this.#load();
    for (let next = this.#next(); next && isOnline(this.#engine); next = this.#next()) {
      const pause = await this.#send(next);
      if (pause !== null) {
        this.#engine.ports.clock.after(pause, () => void this.flush());
        return;
      }
    }
  }

  /** Null: done with this one. Otherwise how long to wait before trying again. */
  async #send(queued: Queued): Promise<number | null> {
    const { link, store } = this.#engine;
    this.#mark({ ...queued, state: 'sending' });
    const { room, client_id, body, reply_to } = queued;
    try {
      const ask = { room, client_id, body, ...(reply_to === undefined ? {} : { reply_to }) };
      store.dispatch({ type: 'sent', queued, reply: await link.request('send', ask) });
      return null;
    } catch (cause) {
      return this.#failed(queued, cause);
    }
  }

  async #failed(queued: Queued, cause: unknown): Promise<number | null> {
    const code = failureCode(cause);
    if (RETRIED.has(code)) {
      this.#mark({ ...queued, state: 'queued' });
      const asked = cause instanceof Failure ? cause.retryAfterMs : 0;
      this.#notBefore = this.#engine.ports.clock.now() + asked;
      return asked || PAUSE_MS;
    }
    await this.#save({ ...queued, state: 'failed', failure: code });
    return null;
  }

  #next(): Queued | undefined {
    return this.#queue().find((queued) => queued.state !== 'failed');
  }

  async #load(): Promise<void> {
    const { ports, store } = this.#engine;
    const me = store.get().me?.id;
    const stored = await ports.vault.queue().catch(() => this.#queue());
    const byId = new Map([...stored, ...this.#unsaved.values()].map((queued) => [queued.client_id, queued]));
    const mine = [...byId.values()].filter((queued) => queued.author === me);
    this.#show(mine.sort((a, b) => a.created_at - b.created_at));
  }

  async #save(queued: Queued): Promise<void> {
    const { ports } = this.#engine;
    this.#unsaved.set(queued.client_id, queued);
    this.#mark(queued);
    const saved = await this.#quietly(ports.vault.putQueued(queued));
    if (saved) this.#unsaved.delete(queued.client_id);
    ports.tabs.tell('queue');
  }

  #mark(queued: Queued): void {
    const others = this.#queue().filter((other) => other.client_id !== queued.client_id);
    this.#show([...others, queued].sort((a, b) => a.created_at - b.created_at));
  }

  /** Whatever left the queue because it has a place now need not be kept. */
  #forgetSettled(state: State, previous: State): void {
    if (state.queue === previous.queue || state.me !== previous.me) return;
    const kept = new Set(state.queue.map((queued) => queued.client_id));
    for (const { client_id } of previous.queue) {
      if (kept.has(client_id)) continue;
      this.#unsaved.delete(client_id);
      void this.#quietly(this.#engine.ports.vault.removeQueued(client_id));
    }
  }

  #find(clientId: Uuid): Queued | undefined {
    return this.#queue().find((queued) => queued.client_id === clientId);
  }

  #queue(): readonly Queued[] {
    return this.#engine.store.get().queue;
  }

  #show(queue: readonly Queued[]): void {
    this.#engine.store.dispatch({ type: 'queue', queue });
  }

  #quietly(work: Promise<void>): Promise<boolean> {
    return work.then(
      () => true,
      () => false,
    );
  }
}
