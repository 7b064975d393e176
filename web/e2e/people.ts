import { randomBytes } from 'node:crypto';
import { type APIRequestContext, type Browser, type BrowserContextOptions, expect, type Page } from '@playwright/test';

import { serveDist } from './dist';
import { test as base, home, OWNER, PASSWORD } from './ownServer';

export { expect, home, PASSWORD };

/** Somebody who is registered, and signed in somewhere. */
export interface Account {
  name: string;
  username: string;
  /** What anybody may do over REST as this person. */
  api<T>(method: 'get' | 'post' | 'put' | 'patch' | 'delete', path: string, data?: unknown): Promise<T>;
}

/** Somebody at a browser of their own, signed in, with the page open. */
export interface Person extends Account {
  page: Page;
}

const violations: string[] = [];

type Enter = (name: string, options?: BrowserContextOptions) => Promise<Person>;

interface People {
  /** Registers a new person. */
  enter: Enter;
  /** Signs the server's owner in. */
  owner: () => Promise<Person>;
  /** Registers somebody without a page, who acts over REST alone: a browser that no test looks at is time lost. */
  outsider: (name: string) => Promise<Account>;
}

export const test = base.extend<People>({
  context: async ({ context }, use) => {
    await serveDist(context);
    await use(context);
  },
  enter: async ({ browser }, use) => {
    const contexts: Page[] = [];
    await use(async (name, options) => {
      const username = newUsername(name);
      const person = await signedIn(browser, name, 'register', { username, display_name: name }, options);
      contexts.push(person.page);
      return person;
    });
    for (const page of contexts) await page.context().close();
    expect(violations.splice(0)).toEqual([]);
  },
  owner: async ({ browser }, use) => {
    const contexts: Page[] = [];
    await use(async () => {
      const person = await signedIn(browser, 'Olive', 'login', { username: OWNER });
      contexts.push(person.page);
      return person;
    });
    for (const page of contexts) await page.context().close();
    expect(violations.splice(0)).toEqual([]);
  },
  outsider: async ({ playwright }, use) => {
    const contexts: APIRequestContext[] = [];
    await use(async (name) => {
      const context = await playwright.request.newContext();
      contexts.push(context);
      const username = newUsername(name);
      const api = restOf(context);
      await api('post', '/auth/register', { username, display_name: name, password: PASSWORD });
      return { name, username, api };
    });
    for (const context of contexts) await context.dispose();
  },
});

const newUsername = (name: string) => `${name.toLowerCase()}-${randomBytes(4).toString('hex')}`;

function restOf(request: APIRequestContext): Account['api'] {
  return async (method, path, data) => {
    const headers = { 'X-Requested-With': 'chirm', Origin: new URL(home()).origin };
    const answer = await request[method](`${home()}api/v1${path}`, { data, headers });
    expect(answer.ok(), `${method} ${path}: ${answer.status()} ${await answer.text()}`).toBe(true);
    const text = await answer.text();
    return text ? JSON.parse(text) : undefined;
  };
}

async function signedIn(
  browser: Browser,
  name: string,
  how: 'register' | 'login',
  body: { username: string; display_name?: string },
  options: BrowserContextOptions = {},
): Promise<Person> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
  await serveDist(context);
  const page = await context.newPage();
  // Under the server's own policy nothing may even be attempted that it forbids.
  page.on('console', (line) => {
    if (/content security policy|trusted ?type/i.test(line.text())) violations.push(line.text());
  });
  const api = restOf(context.request);
  await api('post', `/auth/${how}`, { ...body, password: PASSWORD });
  await page.goto(home());
  // By its id: the page may be in any language.
  await expect(page.locator('#rooms').getByRole('link').first()).toBeVisible();
  // Where there is space the page opens a room by itself: it shall have done so before a test makes another one.
  if ((page.viewportSize()?.width ?? 0) > 768) await expect(page).toHaveURL(/\/r\//);
  return { name, username: body.username, page, api };
}

export const composer = (page: Page) => page.getByRole('textbox', { name: /^Message to/ });
export const messages = (page: Page) => page.getByRole('region', { name: /^Messages in/ });
export const message = (page: Page, text: string) => page.getByRole('article').filter({ hasText: text });

/** Scrolls up from the end. What is still arriving may lead back there once: until the page knows that one has left. */
export async function leaveEnd(page: Page, px: number): Promise<void> {
  await expect(async () => {
    await messages(page).evaluate((box, up) => {
      box.scrollTop = box.scrollHeight - box.clientHeight - up;
    }, px);
    await expect(page.getByRole('button', { name: 'Latest messages' })).toBeVisible({ timeout: 500 });
  }).toPass();
}

/** Opens a room from the list. */
export async function go(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name }).first().click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
}

export async function say(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await composer(page).press('Enter');
  await expect(message(page, text)).toBeVisible();
}

/** Waits until the device itself holds this text: what is shown is kept there within a second, and a page that goes before may go without it. */
export async function kept(page: Page, text: string): Promise<void> {
  const isKept = () =>
    page.evaluate(async (text) => {
      const done = <T>(asked: IDBRequest<T>) =>
        new Promise<T>((resolve, reject) => {
          asked.onsuccess = () => resolve(asked.result);
          asked.onerror = () => reject(asked.error);
        });
      const name = (await indexedDB.databases())[0]?.name;
      if (!name) return false;
      const db = await done(indexedDB.open(name));
      const snapshot: unknown = await done(db.transaction('snapshot').objectStore('snapshot').get('last'));
      db.close();
      const plain = (_: string, value: unknown) => (value instanceof Map ? [...value] : value);
      return (JSON.stringify(snapshot, plain) ?? '').includes(text);
    }, text);
  await expect.poll(isKept).toBe(true);
}

interface Made {
  room: { id: string };
}

/** A channel for one test alone, with everybody in it. */
export async function channel(owner: Account, others: readonly Account[] = []): Promise<{ id: string; name: string }> {
  const name = `test-${randomBytes(4).toString('hex')}`;
  const { room } = await owner.api<Made>('post', '/rooms', { kind: 'channel', name });
  for (const person of others) await person.api('post', `/rooms/${room.id}/join`);
  return { id: room.id, name };
}

export async function post(person: Account, room: string, bodies: readonly string[]): Promise<void> {
  for (const body of bodies) {
    await person.api('post', `/rooms/${room}/messages`, { client_id: crypto.randomUUID(), body });
  }
}

/** A page of the same site without the client in it, so that what is measured is the other person's. */
export async function withoutClient({ page }: Person): Promise<void> {
  await page.route('**/nothing', (route) => route.fulfill({ contentType: 'text/html', body: '' }));
  await page.goto(`${home()}nothing`);
  await page.evaluate(async () => {
    const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/ws`, 'chirm.v1');
    await new Promise((open) => socket.addEventListener('open', open, { once: true }));
    socket.send(JSON.stringify({ id: 0, op: 'hello' }));
    await new Promise((greeted) => socket.addEventListener('message', greeted, { once: true }));
    Object.assign(window, { socket });
  });
}

/** Sends the messages `from` to `to` at once, and waits until each is stored. */
export async function flood({ page }: Person, room: string, from: number, to: number): Promise<void> {
  await page.evaluate(
    ({ room, from, to }) =>
      new Promise<void>((done, failed) => {
        const socket: WebSocket = Reflect.get(window, 'socket');
        let left = to - from + 1;
        socket.onmessage = ({ data }) => {
          const frame = JSON.parse(data);
          if (frame.error) failed(new Error(data));
          else if (frame.ok && --left === 0) done();
        };
        for (let n = from; n <= to; n++) {
          const body = n % 10 ? `line ${n} of many` : `line ${n} of **many**, with \`code\` and https://example.org`;
          socket.send(JSON.stringify({ id: n, op: 'send', room, client_id: crypto.randomUUID(), body }));
        }
      }),
    { room, from, to },
  );
}

/** Somebody comes back to the page, which tries at once what it would have tried later. */
export const lookAgain = (page: Page): Promise<unknown> =>
  page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
