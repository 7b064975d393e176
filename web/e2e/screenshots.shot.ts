import { resolve } from 'node:path';
import { type Browser, type Page, test } from '@playwright/test';
import { serveDist } from './dist';
import { startServer } from './server';

const images = resolve(import.meta.dirname, '../../docs/images');
const password = 'a long enough sentence';

/** Who says what in the channel, in the order of the picture. */
const talk: [who: string, body: string][] = [
  ['alice', 'Morning! The **release notes** are ready for a last look.'],
  ['bob', 'Reading them now. One question: do we mention the new defaults?'],
  [
    'alice',
    'Yes, in the second paragraph:\n\n> Registration is by invite where others than this machine can reach the server.',
  ],
  [
    'carol',
    'I tried the upgrade on the staging box:\n\n```sh\nchirm migrate status\nchirm serve --bind 0.0.0.0:8080\n```\n\nNothing to do by hand.',
  ],
  ['bob', 'Good. Then three things are left:\n\n1. screenshots\n2. the checklist for operators\n3. saying thank you'],
  ['carol', '@alice shall I take the screenshots?'],
  ['alice', 'Please do, @carol. I write the checklist.'],
  ['bob', 'And I say thank you. Done by noon?'],
];

interface Account {
  name: string;
  token: string;
}

async function post(url: string, path: string, body: object, token?: string): Promise<Record<string, unknown>> {
  const answer = await fetch(`${url}api/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Record<string, unknown>;
}

async function register(url: string, name: string): Promise<Account> {
  const display_name = name.charAt(0).toUpperCase() + name.slice(1);
  const made = await post(url, '/auth/register', { username: name, password, display_name });
  return { name, token: String(made.token) };
}

async function fill(url: string): Promise<void> {
  const people = new Map<string, Account>();
  for (const name of ['alice', 'bob', 'carol', 'dave']) people.set(name, await register(url, name));
  const token = (name: string) => people.get(name)?.token ?? '';
  const say = (who: string, room: string, body: string) =>
    post(url, `/rooms/${encodeURIComponent(room)}/messages`, { client_id: crypto.randomUUID(), body }, token(who));
  await post(url, '/rooms', { kind: 'channel', name: 'release', topic: 'What ships, and when' }, token('alice'));
  await post(url, '/rooms', { kind: 'channel', name: 'design', topic: 'Look and words' }, token('carol'));
  await post(
    url,
    '/rooms',
    { kind: 'group', name: 'Operators', members: ['alice', 'bob', 'dave'] },
    token('bob'),
  ).catch(() => post(url, '/rooms', { kind: 'group', name: 'Operators', members: ['alice', 'dave'] }, token('bob')));
  for (const who of ['bob', 'carol', 'dave']) await post(url, '/rooms/%23release/join', {}, token(who));
  await post(url, '/rooms/%23design/join', {}, token('alice'));
  await say('dave', '#lobby', 'Hello everybody');
  await say('carol', '#design', 'New icons are in the folder, @alice');
  await say('carol', '#design', 'Tell me what you think');
  for (const [who, body] of talk) await say(who, '#release', body);
  const direct = (await post(url, '/direct', { user: 'alice' }, token('dave'))).room as { id: string };
  await say('dave', direct.id, 'Lunch at one?');
}

async function signedIn(
  browser: Browser,
  url: string,
  name: string,
  options: Parameters<Browser['newContext']>[0],
): Promise<Page> {
  const context = await browser.newContext({ ...options, extraHTTPHeaders: { 'x-requested-with': 'chirm' } });
  await serveDist(context);
  await context.request.post(`${url}api/v1/auth/login`, { data: { username: name, password } });
  const page = await context.newPage();
  await page.goto(`${url}r/%23release`);
  await page.getByText('Done by noon?').waitFor();
  return page;
}

test('pictures of a team at work', async ({ browser }) => {
  test.setTimeout(180_000);
  const server = await startServer();
  try {
    await fill(server.url);
    const others = await Promise.all(['bob', 'carol'].map((name) => signedIn(browser, server.url, name, {})));
    for (const colorScheme of ['light', 'dark'] as const) {
      const desktop = await signedIn(browser, server.url, 'alice', {
        viewport: { width: 1440, height: 900 },
        colorScheme,
      });
      await desktop.getByRole('textbox', { name: /message/i }).focus();
      await desktop.screenshot({ path: `${images}/chat-desktop-${colorScheme}.png` });
      const phone = await signedIn(browser, server.url, 'alice', {
        viewport: { width: 390, height: 844 },
        deviceScaleFactor: 2,
        hasTouch: true,
        isMobile: true,
        colorScheme,
      });
      await phone.screenshot({ path: `${images}/chat-phone-${colorScheme}.png` });
      await desktop.context().close();
      await phone.context().close();
    }
    await Promise.all(others.map((page) => page.context().close()));
    const stranger = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    await serveDist(stranger);
    const door = await stranger.newPage();
    await door.goto(server.url);
    await door
      .getByRole('button', { name: /sign in/i })
      .first()
      .waitFor();
    await door.screenshot({ path: `${images}/sign-in.png` });
  } finally {
    await server.remove();
  }
});
