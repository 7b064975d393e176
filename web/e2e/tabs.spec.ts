import type { Page } from '@playwright/test';
import { channel, composer, expect, go, kept, lookAgain, message, messages, post, say, test } from './people';

const SENDS = 20;
const TABS = 5;

test('twenty messages written on a plane, with a reload between, are stored once each and in order', async ({
  enter,
}) => {
  // Twenty messages and two reloads, also on a busy machine.
  test.setTimeout(150_000);
  const [alice, bob] = [await enter('Alice'), await enter('Bob')];
  const room = await channel(alice, [bob]);
  const { page } = alice;
  await go(bob.page, room.name);
  await go(page, room.name);
  await say(page, 'before');
  await expect(page.locator('[data-delivery=waiting]')).toHaveCount(0);
  await kept(page, 'before');

  // The page itself comes from the device's cache; nothing else gets through.
  let flying = true;
  await page.route(/\/api\//, (route) => (flying ? route.abort() : route.continue()));
  await page.routeWebSocket(/\/ws$/, (socket) => {
    if (flying) void socket.close({ code: 1011 });
    else socket.connectToServer();
  });
  await page.reload();
  await expect(message(page, 'before')).toBeVisible();
  await expect(page.getByText(/No connection|Connecting/).first()).toBeVisible({ timeout: 3_000 });
  const bodies = Array.from({ length: SENDS }, (_, i) => `thought ${String(i + 1).padStart(2, '0')}`);
  for (const [i, body] of bodies.entries()) {
    await composer(page).fill(body);
    await composer(page).press('Enter');
    await expect(composer(page)).toHaveValue('');
    if (i === SENDS / 2) {
      await expect(message(page, body)).toBeVisible();
      await page.reload();
      await expect(message(page, body)).toBeVisible();
    }
  }
  await expect(page.locator('[data-delivery=waiting]')).toHaveCount(SENDS);

  flying = false;
  await lookAgain(page);
  await expect(page.locator('[data-delivery=waiting]')).toHaveCount(0, { timeout: 60_000 });
  await expect(messages(bob.page).locator('.prose')).toHaveText(['before', ...bodies]);
  await expect(messages(page).locator('.prose')).toHaveText(['before', ...bodies]);
  const held = await bob.api<{ messages: { body: string }[] }>('get', `/rooms/${room.id}/messages?limit=100`);
  expect(held.messages.map(({ body }) => body)).toEqual(['before', ...bodies]);
});

test('what is begun in one tab is in the other ones, and gone when it is sent', async ({ enter }) => {
  const alice = await enter('Alice');
  const room = await channel(alice);
  await go(alice.page, room.name);
  const second = await alice.page.context().newPage();
  await second.goto(alice.page.url());
  await expect(composer(second)).toBeVisible();
  await composer(alice.page).fill('half a thought');
  await expect(composer(second)).toHaveValue('half a thought');
  await composer(second).press('End');
  await composer(second).pressSequentially(', and the rest');
  await expect(composer(alice.page)).toHaveValue('half a thought, and the rest');
  await go(second, 'lobby');
  const draft = second.getByRole('link', { name: room.name }).getByRole('img', { name: 'Draft' });
  await expect(draft).toBeVisible();
  await composer(alice.page).press('Enter');
  await expect(message(alice.page, 'half a thought, and the rest')).toBeVisible();
  await expect(draft).toHaveCount(0);
  await go(second, room.name);
  await expect(composer(second)).toHaveValue('');
});

/** Every `send` that leaves a tab. */
function watchSends(page: Page, sent: string[]): void {
  page.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) => {
      const frame = JSON.parse(String(payload));
      if (frame.op === 'send') sent.push(frame.client_id);
    }),
  );
}

test('five tabs of one person are one person: each message is sent by one tab, and all agree on what is unread', async ({
  enter,
  outsider,
}) => {
  // Five pages on one machine.
  test.setTimeout(150_000);
  const [alice, bob] = [await enter('Alice'), await outsider('Bob')];
  const [room, other] = [await channel(alice, [bob]), await channel(alice, [bob])];
  await go(alice.page, room.name);
  const sent: string[] = [];
  const tabs = [alice.page];
  while (tabs.length < TABS) {
    const tab = await alice.page.context().newPage();
    watchSends(tab, sent);
    await tab.goto(alice.page.url());
    await expect(composer(tab)).toBeVisible();
    tabs.push(tab);
  }
  watchSends(alice.page, sent);
  await alice.page.reload();
  await expect(composer(alice.page)).toBeVisible();

  await alice.page.context().setOffline(true);
  const bodies = tabs.map((_, i) => `from tab ${i + 1}`);
  for (const [i, tab] of tabs.entries()) {
    await expect(tab.getByText('This device is offline.')).toBeVisible();
    await say(tab, bodies[i] ?? '');
  }
  await alice.page.context().setOffline(false);
  for (const tab of tabs) await expect(messages(tab).locator('.prose')).toHaveText(bodies);
  await expect.poll(() => sent.length).toBe(TABS);
  expect(new Set(sent).size).toBe(TABS);

  await post(bob, other.id, ['one', 'two']);
  const link = (tab: Page) => tab.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: other.name });
  for (const tab of tabs) await expect(link(tab)).toContainText('2 unread messages');
  const last = tabs.at(-1) ?? alice.page;
  await last.bringToFront();
  await go(last, other.name);
  for (const tab of tabs) await expect(link(tab)).not.toContainText('unread');

  const me = await alice.api<{ user: { id: string } }>('get', '/me');
  const states = async () => {
    const { presence } = await bob.api<{ presence: { user: string; state: string }[] }>(
      'get',
      `/presence?room=${room.id}`,
    );
    return presence.filter(({ user }) => user === me.user.id).map(({ state }) => state);
  };
  await expect.poll(states).toEqual(['online']);
  for (const tab of tabs.slice(1)) await tab.close();
  await expect.poll(states).toEqual(['online']);
});
