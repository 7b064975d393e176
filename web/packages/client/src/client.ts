import { Cache } from './engine/cache';
import { CatchUp } from './engine/catchUp';
import type { Engine } from './engine/engine';
import { greet } from './engine/greeting';
import { History } from './engine/history';
import { Marks } from './engine/marks';
import { Originals } from './engine/originals';
import { Outbox } from './engine/outbox';
import { People } from './engine/people';
import type { Ports, TabNews } from './engine/ports';
import { Typing } from './engine/typing';
import { Failure } from './errors';
import type { Message, ReceiptsReply, ServerEvent, User, Uuid } from './generated';
import { Link } from './link/link';
import { CLOSE, type LinkState } from './link/types';
import type { Api } from './rest/api';
import type { Connection } from './state/types';
import { Store } from './store';

/** What a page works with: one signed-in user, all rooms, one connection. */
export class Client {
  readonly store = new Store();
  readonly api: Api;
  readonly outbox: Outbox;
  readonly history: History;
  readonly marks: Marks;
  readonly typing: Typing;
  readonly people: People;
  readonly originals: Originals;
  readonly #link: Link;
  readonly #cache: Cache;
  readonly #engine: Engine;
  readonly #arrivals = new Set<(message: Message) => void>();
  #draining = false;
  /** While one signs out: whether this connection was already told that its session ended, which is no news then. */
  #signingOut: { ended: boolean } | null = null;

  constructor(ports: Ports) {
    this.api = ports.api;
    this.#link = new Link({
      dial: ports.dial,
      clock: ports.clock,
      random: ports.random,
      onState: (state) => this.#onLink(state),
      onSilence: (silent) => this.store.dispatch({ type: 'silence', silent }),
      onEvent: (event) => this.#onEvent(event),
    });
    this.#engine = { store: this.store, link: this.#link, ports };
    this.outbox = new Outbox(this.#engine);
    this.history = new History(this.#engine);
    this.marks = new Marks(this.#engine);
    this.typing = new Typing(this.#engine);
    this.people = new People(this.#engine);
    this.originals = new Originals(this.#engine);
    this.#cache = new Cache(this.#engine);
    new CatchUp(this.#engine);
    ports.tabs.listen((news) => void this.#onTab(news).catch(() => {}));
  }

  /**
   * Goes on as whoever is signed in; false: nobody is. What the last visit left is shown, and connected with, before the
   * server has answered, so that one that hangs keeps nobody from reading. Fails where there is neither.
   */
  async resume(): Promise<boolean> {
    const asked = this.#whoAmI();
    const known = (await this.#cache.restore()) ? this.store.get().me : null;
    if (known) this.start(known);
    const answer = await asked;
    if ('failure' in answer) {
      if (answer.failure.code === 'unauthorized') this.#leave();
      else if (!known) throw answer.failure;
      return answer.failure.code !== 'unauthorized';
    }
    if (this.#isSomebodyElse(answer.user)) await this.#forget();
    this.start(answer.user);
    return true;
  }

  #whoAmI(): Promise<{ user: User } | { failure: Failure }> {
    return this.api.me().catch((cause: unknown) => ({
      failure: cause instanceof Failure ? cause : new Failure('offline', String(cause)),
    }));
  }

  /** Signed in: connects, and shows what is still to be sent. */
  start(user: User): void {
    this.store.dispatch({ type: 'me', user });
    void this.outbox.reload();
    this.#link.start();
  }

  /** Signed in again, after a session ended or as somebody else. */
  async signedIn(user: User): Promise<void> {
    if (this.#isSomebodyElse(user)) await this.#forget();
    this.#engine.ports.tabs.tell('signed_in');
    this.start(user);
  }

  async signOut(): Promise<void> {
    const leaving = { ended: false };
    this.#signingOut = leaving;
    try {
      await this.api.logout();
    } catch (cause) {
      // An answer that was lost would have said no more.
      if (!leaving.ended) throw cause;
    } finally {
      this.#signingOut = null;
    }
    await this.abandon();
  }

  /** Leaves an account whose session has ended anyway. */
  async abandon(): Promise<void> {
    this.#engine.ports.tabs.tell('signed_out');
    await this.#forget();
  }

  retryNow(): void {
    this.#link.nudge();
  }

  setNetwork(up: boolean): void {
    this.#link.setNetwork(up);
  }

  /** The page may be gone in a moment. */
  save(): void {
    this.#cache.save();
  }

  setAway(away: boolean): void {
    this.#link.request('set_presence', { state: away ? 'away' : 'online' }).catch(() => {});
  }

  /** Every new message while connected, whichever room is open; changes of older ones, and what was missed, are none. */
  onArrival(hear: (message: Message) => void): () => void {
    this.#arrivals.add(hear);
    return () => this.#arrivals.delete(hear);
  }

  receipts(room: Uuid, seq: number): Promise<ReceiptsReply> {
    return this.#link.request('receipts', { room, seq });
  }

  send(room: Uuid, body: string, replyTo?: number): Promise<void> {
    this.typing.sent(room);
    return this.outbox.add(room, body, replyTo);
  }

  #isSomebodyElse(user: User): boolean {
    const { me } = this.store.get();
    return me !== null && me.id !== user.id;
  }

  #leave(): void {
    this.#link.stop();
    this.marks.forget();
    this.store.dispatch({ type: 'signed_out' });
  }

  async #forget(): Promise<void> {
    this.#leave();
    await this.#engine.ports.vault.clear().catch(() => {});
  }

  #onLink(state: LinkState): void {
    if (state.kind === 'open') return void this.#greet();
    if (this.#signingOut && state.kind === 'refused') {
      this.#signingOut.ended = true;
      return;
    }
    this.store.dispatch({ type: 'connection', connection: this.#connection(state) });
  }

  #connection(state: Exclude<LinkState, { kind: 'open' }>): Connection {
    if (state.kind === 'waiting') return { ...state, draining: this.#draining };
    if (state.kind === 'refused') return { kind: state.code === CLOSE.unauthorized ? 'unauthorized' : 'refused' };
    return state;
  }

  async #greet(): Promise<void> {
    const reply = await greet(this.#engine);
    if (!reply) return;
    // Another tab of this browser, or one without news of it, may have signed in as somebody else since the last visit.
    if (this.#isSomebodyElse(reply.user)) {
      await this.#forget();
      return this.start(reply.user);
    }
    this.store.dispatch({ type: 'hello', reply });
    this.#draining = false;
    this.marks.resume();
    void this.outbox.flush();
    await this.people.loadPeers().catch(() => {});
  }

  #onEvent(event: ServerEvent): void {
    if (event.event === 'server_draining') {
      this.#draining = true;
      this.#link.holdOff(event.reconnect_after_ms ?? 0);
    }
    if (event.event === 'session_revoked') {
      if (this.#signingOut) {
        this.#signingOut.ended = true;
        return;
      }
      this.#link.stop();
    }
    const known = event.event === 'message' ? (this.store.get().rooms[event.room]?.last_seq ?? 0) : 0;
    this.store.dispatch({ type: 'event', event, now: this.#engine.ports.clock.now() });
    if (event.event === 'message' && event.seq > known) for (const hear of this.#arrivals) hear(event);
  }

  async #onTab(news: TabNews): Promise<void> {
    if (news === 'queue') return this.outbox.reload();
    if (news === 'signed_out') return this.#forget();
    const { user } = await this.api.me();
    if (this.#isSomebodyElse(user)) await this.#forget();
    this.start(user);
  }
}
