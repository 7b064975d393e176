import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export interface Running {
  url: string;
  /** The first owner's link, as the server printed it. */
  setup: string;
  /** Ends it as an operator would; what it stored stays. */
  stop(): Promise<void>;
  /** Starts it again where it was. */
  start(): Promise<void>;
  /** Ends it and forgets what it stored. */
  remove(): Promise<void>;
}

const { CHIRM_BIN, CARGO_TARGET_DIR = 'target' } = process.env;
const binary = CHIRM_BIN
  ? resolve(import.meta.dirname, '..', CHIRM_BIN)
  : resolve(import.meta.dirname, '../..', CARGO_TARGET_DIR, 'debug/chirm');

/** Starts a server of its own on a free port with an empty folder, mounted below `path`, and waits until it answers. */
export async function startServer(path = '/'): Promise<Running> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const data = await mkdtemp(join(tmpdir(), 'chirm-e2e-'));
  const run = () => {
    const started = spawn(binary, ['serve', '--bind', `127.0.0.1:${port}`, '--data-dir', data], {
      env: {
        ...withoutOurs(process.env),
        CHIRM_LIMITS__ENABLED: 'false',
        CHIRM_AUTH__REGISTRATION: 'open',
        CHIRM_AUTH__GUESTS: 'true',
        ...(path === '/' ? {} : { CHIRM_PUBLIC_URL: origin + path.replace(/\/$/, '') }),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // What nobody reads must not fill the pipe.
    started.stdout?.resume();
    started.stderr?.resume();
    return started;
  };
  let child = run();
  const setup = setupToken(child);
  await healthy(origin, child);
  return {
    url: origin + path,
    setup: await setup,
    stop: () => ended(child),
    async start() {
      child = run();
      await healthy(origin, child);
    },
    async remove() {
      await ended(child);
      await rm(data, { recursive: true, force: true });
    },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  await gone;
}

/** The server refuses to start with settings that it does not know, and `CHIRM_BIN` is none of its. */
function withoutOurs(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('CHIRM_')));
}

function setupToken(child: ChildProcess): Promise<string> {
  return new Promise((found, failed) => {
    let printed = '';
    const read = (chunk: Buffer) => {
      printed += chunk.toString();
      const token = /[?&#]setup=([\w.~-]+)/.exec(printed)?.[1];
      if (token) found(token);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', (code) => failed(new Error(`the server ended with ${code}:\n${printed}`)));
  });
}

async function healthy(origin: string, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    const answer = await fetch(`${origin}/healthz`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((again) => setTimeout(again, 50));
  }
}

function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const probe = createServer();
    probe.once('error', failed);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (typeof address === 'object' && address ? found(address.port) : failed(new Error('no port'))));
    });
  });
}
