import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join, resolve } from 'node:path';
import type { Duplex } from 'node:stream';
import { expect, type Page } from '@playwright/test';
import { go, home, PASSWORD } from './people';

const folder = process.env.CHIRM_DIST ? resolve(import.meta.dirname, '..', process.env.CHIRM_DIST) : null;

export interface Front {
  url: string;
  /** Changes a file on its way to the browser, as a newer build would. */
  edit(path: string, change: (text: string) => string): void;
  /** From now on, whoever asks the server something, or dials it, is heard and gets no answer; what was under way stays so. */
  hang(hangs: boolean): void;
  close(): Promise<void>;
}

/**
 * A reverse proxy before the server. Unlike a route of Playwright it also stands before the service worker's own
 * requests, so a test can put a newer build there. With `CHIRM_DIST` the files come from that folder; headers are the server's.
 */
export async function startFront(server: string): Promise<Front> {
  const upstream = new URL(server);
  const edits = new Map<string, (text: string) => string>();
  let hangs = false;

  const fileOf = (path: string) => {
    const file = folder && !['/', '/index.html'].includes(path) && join(folder, path);
    return file && existsSync(file) ? readFileSync(file) : null;
  };
  const isPage = (kind: string | undefined) => kind?.startsWith('text/html') ?? false;
  const bodyOf = (path: string, kind: string | undefined, theirs: Buffer): Buffer => {
    const index =
      folder && isPage(kind) ? readFileSync(join(folder, 'index.html'), 'utf8').replaceAll('="./', '="/') : null;
    const body = index !== null ? Buffer.from(index) : (fileOf(path) ?? theirs);
    const change = edits.get(isPage(kind) ? '/index.html' : path);
    return change ? Buffer.from(change(body.toString())) : body;
  };

  const proxy = createServer((asked: IncomingMessage, answer: ServerResponse) => {
    const path = new URL(asked.url ?? '/', server).pathname;
    if (hangs && path.startsWith('/api/')) return;
    // What comes from the folder may be unknown to the server, whose page has the same headers.
    const known = fileOf(path) ? '/' : asked.url;
    const headers = { ...asked.headers, 'accept-encoding': 'identity', 'if-none-match': '' };
    const onward = request(
      { host: upstream.hostname, port: upstream.port, path: known, method: asked.method, headers },
      (theirs) => {
        const parts: Buffer[] = [];
        theirs.on('data', (part: Buffer) => parts.push(part));
        theirs.on('end', () => {
          const { 'content-length': _length, 'transfer-encoding': _encoding, etag: _tag, ...kept } = theirs.headers;
          const kind = known === asked.url ? kept['content-type'] : kindOf(path);
          answer.writeHead(theirs.statusCode ?? 502, kind ? { ...kept, 'content-type': kind } : kept);
          answer.end(path.startsWith('/api/') ? Buffer.concat(parts) : bodyOf(path, kind, Buffer.concat(parts)));
        });
      },
    );
    onward.on('error', () => answer.destroy());
    asked.pipe(onward);
  });
  const sockets = new Set<Duplex>();
  proxy.on('upgrade', (asked, socket, head) => {
    sockets.add(socket);
    if (hangs) return;
    const onward = connect(Number(upstream.port), upstream.hostname, () => {
      // The server knows its own origin only.
      const headers = { ...asked.headers, origin: upstream.origin };
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
      onward.write(`GET ${asked.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  await new Promise<void>((ready) => proxy.listen(0, '127.0.0.1', ready));
  const { port } = proxy.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    hang: (begins) => {
      hangs = begins;
    },
    edit: (path, change) => void edits.set(path, change),
    close: () =>
      new Promise((closed) => {
        proxy.close(() => closed());
        proxy.closeAllConnections();
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function kindOf(path: string): string {
  const kinds: Record<string, string> = {
    js: 'text/javascript',
    css: 'text/css',
    svg: 'image/svg+xml',
    png: 'image/png',
  };
  return kinds[path.split('.').pop() ?? ''] ?? 'application/json';
}

/** Signed in through the front, with the client kept on the device. */
export async function settled(page: Page, front: Front): Promise<string> {
  const username = `ada-${randomBytes(4).toString('hex')}`;
  const answer = await page.request.post(`${front.url}api/v1/auth/register`, {
    data: { username, display_name: 'Ada', password: PASSWORD },
    headers: { 'X-Requested-With': 'chirm', Origin: new URL(front.url).origin },
  });
  expect(answer.ok(), await answer.text()).toBe(true);
  await page.goto(front.url);
  await page.evaluate(async () => Boolean(await navigator.serviceWorker.ready));
  await go(page, 'lobby');
  return username;
}

export const withFront = async (run: (front: Front) => Promise<void>) => {
  const front = await startFront(home());
  try {
    await run(front);
  } finally {
    await front.close();
  }
};
