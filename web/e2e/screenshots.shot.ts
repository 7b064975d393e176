import { resolve } from 'node:path';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  expect,
  type Page,
  test,
} from '@playwright/test';
import { serveDist } from './dist';
import { startServer } from './server';
import { fillTeam, PASSWORD, ROOM, type Team } from './team';

const images = resolve(import.meta.dirname, '../../docs/images');
/** When the pictures are taken, and what the talk in them is counted back from. */
const NOW = new Date();
NOW.setHours(10, 4, 0, 0);

const DESKTOP: BrowserContextOptions = { viewport: { width: 1440, height: 960 } };
const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  hasTouch: true,
  isMobile: true,
};

/** The talk was written within a second; in the pictures it took the time that such a talk takes. */
function spread(team: Team, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => spread(team, each));
  if (typeof value !== 'object' || value === null) return value;
  const all = Object.fromEntries(Object.entries(value).map(([key, each]) => [key, spread(team, each)]));
  const ago = all.room === team.room ? team.minutesAgo[Number(all.seq)] : undefined;
  const at = ago === undefined ? {} : { created_at: new Date(NOW.getTime() - ago * 60_000).toISOString() };
  return 'created_at' in all ? { ...all, ...at } : all;
}

async function spreadTalk(context: BrowserContext, team: Team): Promise<void> {
  await context.routeWebSocket(/\/ws$/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((text) => socket.send(JSON.stringify(spread(team, JSON.parse(String(text))))));
  });
  await context.route(/\/api\/v1\//, async (route) => {
    const response = await route.fetch();
    const text = await response.text();
    await route.fulfill({ response, body: text && JSON.stringify(spread(team, JSON.parse(text))) });
  });
}

async function signedIn(browser: Browser, url: string, name: string, team: Team, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ ...options, extraHTTPHeaders: { 'x-requested-with': 'chirm' } });
  await serveDist(context);
  await context.request.post(`${url}api/v1/auth/login`, { data: { username: name, password: PASSWORD } });
  await spreadTalk(context, team);
  const page = await context.newPage();
  // For the pictures alone: where time stands still, nobody types again.
  if (options.viewport) await page.clock.setFixedTime(NOW);
  await page.goto(`${url}r/${team.room}`);
  await page.getByText(team.last).waitFor();
  return page;
}

const field = (page: Page) => page.getByRole('textbox', { name: /^Message to/ });

/** A word that somebody began elsewhere, as the list shows it. */
async function begin(page: Page, room: string): Promise<void> {
  const rooms = page.getByRole('navigation', { name: 'Rooms' });
  await rooms.getByRole('link', { name: room }).click();
  await field(page).fill('The export of last week');
  await rooms.getByRole('link', { name: ROOM }).click();
  await expect(rooms.getByRole('link', { name: room }).getByLabel('Draft')).toBeVisible();
}

test('pictures of a team at work', async ({ browser }) => {
  test.setTimeout(280_000);
  let server = await startServer();
  try {
    let team = await fillTeam(server.url);
    while (!team) {
      await server.remove();
      server = await startServer();
      team = await fillTeam(server.url);
    }
    await takePictures(browser, server.url, team);
  } finally {
    await server.remove();
  }
});

async function takePictures(browser: Browser, url: string, team: Team): Promise<void> {
  const others = await Promise.all(['jonas', 'mei', 'tomas'].map((name) => signedIn(browser, url, name, team)));
  const mei = others[1];
  const typing = async (page: Page) => {
    await mei?.bringToFront();
    if (mei) await field(mei).press('x');
    await page.getByText('Mei is typing').waitFor();
  };
  for (const colorScheme of ['light', 'dark'] as const) {
    const desktop = await signedIn(browser, url, 'amira', team, { ...DESKTOP, colorScheme });
    await begin(desktop, 'support');
    // Away from what it pressed last.
    await desktop.mouse.move(1, 1);
    await expect(desktop.locator('[data-delivery=read]')).toHaveCount(team.mine);
    await typing(desktop);
    await field(desktop).focus();
    await desktop.screenshot({ path: `${images}/chat-desktop-${colorScheme}.png` });
    await desktop.context().close();

    const phone = await signedIn(browser, url, 'amira', team, { ...PHONE, colorScheme });
    await expect(phone.locator('[data-delivery=read]').last()).toBeVisible();
    await typing(phone);
    await phone.screenshot({ path: `${images}/chat-phone-${colorScheme}.png` });
    await phone.goto(url);
    await expect(phone.getByRole('img', { name: 'Online' }).first()).toBeVisible();
    await phone.screenshot({ path: `${images}/rooms-phone-${colorScheme}.png` });
    await phone.context().close();
  }
  await Promise.all(others.map((page) => page.context().close()));
  for (const colorScheme of ['light', 'dark'] as const) {
    const stranger = await browser.newContext({ ...DESKTOP, colorScheme });
    await serveDist(stranger);
    const door = await stranger.newPage();
    await door.goto(url);
    await door.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
    await door.screenshot({ path: `${images}/sign-in-${colorScheme}.png` });
    await stranger.close();
  }
}
