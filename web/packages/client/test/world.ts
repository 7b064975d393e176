import type { Answer, SocketEvents } from '../src';
import { Client, type Clock, createApi, Http, type Ports, type Queued, type Snapshot, type TabNews } from '../src';
import { hello, ME, user } from './make';

interface Timer {
  at: number;
  run(): void;
}

/** A clock that stands still until it is turned. */
export class TestClock implements Clock {
  #now = 1_000;
  #timers: Timer[] = [];
  now = () => this.#now;
  after = (ms: number, run: () => void) => {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };
  async turn(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = next.at;
      next.run();
      await quiet();
    }
    this.#now = end;
    await quiet();
  }
}

/** Lets everything that is ready run. */
export async function quiet(): Promise<void> {
  for (let i = 0; i < 30; i++) await Promise.resolve();
}

interface Request {
  id: number;
  op: string;
  [field: string]: unknown;
}

/** The other end of one socket. */
export class Wire {
  readonly requests: Request[] = [];
  closed = false;
  readonly #events: SocketEvents;
  constructor(events: SocketEvents) {
    this.#events = events;
  }
  socket = {
    send: (text: string) => void this.requests.push(JSON.parse(text) as Request),
    close: () => {
      this.closed = true;
    },
  };
  open = () => this.#events.opened();
  close = (code = 1006) => this.#events.closed(code);
  event = (event: object) => this.#events.frame(JSON.stringify(event));
  asked = (op: string) => this.requests.filter((request) => request.op === op);
  async ok(op: string, ok: object): Promise<Request> {
    const request = this.#take(op);
    this.#events.frame(JSON.stringify({ id: request.id, ok }));
    await quiet();
    return request;
  }
  async error(op: string, code: string, retry_after_ms = 0): Promise<Request> {
    const request = this.#take(op);
    this.#events.frame(JSON.stringify({ id: request.id, error: { code, message: code, retry_after_ms } }));
    await quiet();
    return request;
  }
  readonly #answered = new Set<number>();
  #take(op: string): Request {
    const request = this.requests.find((candidate) => candidate.op === op && !this.#answered.has(candidate.id));
    if (!request) throw new Error(`nobody asked ${op}; asked: ${this.requests.map((r) => r.op).join(' ')}`);
    this.#answered.add(request.id);
    return request;
  }
}

/** What several tabs of one browser share. */
export class Browser {
  readonly queue = new Map<string, Queued>();
  snapshot: Snapshot | null = null;
  readonly listeners = new Set<(news: TabNews) => void>();
  #tail: Promise<unknown> = Promise.resolve();
  exclusively = (run: () => Promise<void>): Promise<void> => {
    const turn = this.#tail.then(run);
    this.#tail = turn.catch(() => {});
    return turn;
  };
}

let ids = 0;

export class World {
  readonly clock = new TestClock();
  readonly wires: Wire[] = [];
  readonly client: Client;
  readonly browser: Browser;
  /** What REST answers. */
  rest: (url: string) => Promise<Answer> = async () => ({ status: 404, text: async () => '' });

  constructor(browser = new Browser()) {
    this.browser = browser;
    let mine: ((news: TabNews) => void) | undefined;
    const ports: Ports = {
      clock: this.clock,
      random: () => 0.5,
      uuid: () => `uuid-${++ids}`,
      api: createApi(new Http('/api/v1', (url) => this.rest(url))),
      dial: (events) => {
        const wire = new Wire(events);
        this.wires.push(wire);
        return wire.socket;
      },
      vault: {
        queue: async () => [...browser.queue.values()],
        putQueued: async (queued) => void browser.queue.set(queued.client_id, queued),
        removeQueued: async (id) => void browser.queue.delete(id),
        snapshot: async () => browser.snapshot,
        saveSnapshot: async (snapshot) => {
          browser.snapshot = snapshot;
        },
        clear: async () => {
          browser.snapshot = null;
        },
      },
      tabs: {
        exclusively: (_name, run) => browser.exclusively(run),
        tell: (news) => {
          for (const hear of browser.listeners) if (hear !== mine) hear(news);
        },
        listen: (hear) => {
          mine = hear;
          browser.listeners.add(hear);
        },
      },
    };
    this.client = new Client(ports);
  }

  get wire(): Wire {
    const wire = this.wires.at(-1);
    if (!wire) throw new Error('nothing was dialled');
    return wire;
  }

  get state() {
    return this.client.store.get();
  }

  start(): void {
    this.client.start(user(ME));
  }

  async greet(reply = hello()): Promise<void> {
    this.wire.open();
    await this.wire.ok('hello', reply);
  }
}
