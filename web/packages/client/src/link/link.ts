import type { Cancel } from '../clock';
import { Failure } from '../errors';
import { backoff } from './backoff';
import { decode } from './frames';
import { Heartbeat, PONG_MS } from './heartbeat';
import type { Ask, Ok, Op } from './ops';
import { Pending } from './pending';
import { CLOSE, type LinkOptions, type LinkState, type SocketLike } from './types';

const REPLY_MS = 15_000;
/** How long the other side may take to open; browsers themselves wait for minutes. */
const DIAL_MS = 15_000;
/** Who asked something and hears nothing at all for so long is told so. */
const SILENCE_MS = 1_200;

/** One connection that is kept: dials, waits, dials again, and pairs replies with requests. Knows no meaning. */
export class Link {
  readonly #options: LinkOptions;
  readonly #pending: Pending;
  readonly #heartbeat: Heartbeat;
  #state: LinkState = { kind: 'idle' };
  #socket: SocketLike | null = null;
  #attempt = 0;
  #network = true;
  #notBefore = 0;
  #cancelWait: Cancel = () => {};
  /** The other side knows us: it reads and answers. */
  #settled = false;
  /** When something was asked, or heard while something was still unanswered; nothing has come since. */
  #unheardSince: number | null = null;
  #listening = false;
  #silent = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#pending = new Pending(options.clock);
    this.#heartbeat = new Heartbeat(
      options.clock,
      () => this.request('ping', {}, PONG_MS),
      () => this.#lost(1006),
    );
  }

  get state(): LinkState {
    return this.#state;
  }

  start(): void {
    if (this.#state.kind === 'idle' || this.#state.kind === 'refused') this.#dial();
  }

  stop(): void {
    this.#drop();
    this.#become({ kind: 'idle' });
  }

  /** The other side knows us: the next loss starts again with the shortest wait. */
  settled(): void {
    this.#attempt = 0;
    this.#settled = true;
  }

  /** The server asked to stay away for a while. */
  holdOff(ms: number): void {
    this.#notBefore = this.#options.clock.now() + ms * (1 + this.#options.random() / 4);
  }

  /** Tries now what would be tried later; on an open connection, asks for a sign of life. */
  nudge(): void {
    if (this.#state.kind === 'waiting') this.#dial();
    else if (this.#state.kind === 'open') this.#heartbeat.check();
  }

  setNetwork(up: boolean): void {
    this.#network = up;
    if (!up && this.#state.kind !== 'idle' && this.#state.kind !== 'refused') {
      this.#drop();
      this.#become({ kind: 'no_network' });
    } else if (up && this.#state.kind === 'no_network') {
      this.#dial();
    }
  }

  /** Gives up a connection that is of no use; another one is dialled after the usual wait. */
  lose(): void {
    if (this.#state.kind === 'open') this.#lost(1006);
  }

  request<O extends Op>(op: O, ask: Ask<O>, timeoutMs = REPLY_MS): Promise<Ok<O>> {
    const socket = this.#socket;
    if (!socket || this.#state.kind !== 'open') return Promise.reject(new Failure('offline'));
    const { id, reply } = this.#pending.add(timeoutMs);
    socket.send(JSON.stringify({ id, op, ...ask }));
    this.#listen(socket);
    return reply as Promise<Ok<O>>;
  }

  /** Notices a silence, long before the connection can be called dead. */
  #listen(socket: SocketLike): void {
    if (!this.#settled) return;
    this.#unheardSince ??= this.#options.clock.now();
    if (this.#listening || this.#silent) return;
    this.#listening = true;
    this.#options.clock.after(this.#unheardSince + SILENCE_MS - this.#options.clock.now(), () => {
      if (this.#socket !== socket) return;
      this.#listening = false;
      if (this.#unheardSince === null) return;
      if (this.#options.clock.now() - this.#unheardSince < SILENCE_MS) return this.#listen(socket);
      this.#setSilent(true);
      this.#heartbeat.check();
    });
  }

  #setSilent(silent: boolean): void {
    if (this.#silent === silent) return;
    this.#silent = silent;
    this.#options.onSilence(silent);
  }

  #dial(): void {
    this.#cancelWait();
    if (!this.#network) {
      this.#become({ kind: 'no_network' });
      return;
    }
    this.#become({ kind: 'connecting' });
    let mine: SocketLike | null = null;
    const current = () => mine !== null && this.#socket === mine;
    mine = this.#options.dial({
      opened: () => current() && this.#opened(),
      frame: (text) => current() && this.#frame(text),
      closed: (code) => current() && this.#lost(code),
    });
    this.#socket = mine;
    this.#cancelWait = this.#options.clock.after(DIAL_MS, () => current() && this.#lost(1006));
  }

  #opened(): void {
    this.#cancelWait();
    this.#heartbeat.start();
    this.#become({ kind: 'open' });
  }

  #frame(text: string): void {
    this.#heartbeat.heard();
    this.#setSilent(false);
    const incoming = decode(text);
    if (incoming.kind === 'ok') this.#pending.settle(incoming.id, incoming.ok);
    else if (incoming.kind === 'error') this.#pending.fail(incoming.id, incoming.failure);
    else if (incoming.kind === 'event') this.#options.onEvent(incoming.event);
    this.#unheardSince = this.#pending.size > 0 ? this.#options.clock.now() : null;
    if (this.#unheardSince !== null && this.#socket) this.#listen(this.#socket);
  }

  #lost(code: number): void {
    this.#drop();
    if (code === CLOSE.unauthorized || code === CLOSE.origin) this.#become({ kind: 'refused', code });
    else if (!this.#network) this.#become({ kind: 'no_network' });
    else this.#wait();
  }

  #wait(): void {
    const now = this.#options.clock.now();
    const wait = Math.max(backoff(this.#attempt++, this.#options.random), this.#notBefore - now);
    this.#cancelWait = this.#options.clock.after(wait, () => this.#dial());
    this.#become({ kind: 'waiting', until: now + wait });
  }

  /** Forgets the socket before closing it: a dead network can keep the close handshake waiting for minutes. */
  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#settled = false;
    this.#unheardSince = null;
    this.#listening = false;
    this.#silent = false;
    this.#cancelWait();
    this.#heartbeat.stop();
    socket?.close(1000);
    this.#pending.failAll(new Failure('timeout', 'the connection was lost'));
  }

  #become(state: LinkState): void {
    this.#state = state;
    this.#options.onState(state);
  }
}
