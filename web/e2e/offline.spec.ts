import { channel, composer, expect, go, kept, lookAgain, message, say, test } from './people';

test('without a network one is told, can go on writing, and everything is sent in order afterwards', async ({
  enter,
}) => {
  const [alice, bob] = [await enter('Alice'), await enter('Bob')];
  const room = await channel(alice, [bob]);
  await go(alice.page, room.name);
  await go(bob.page, room.name);

  await alice.page.context().setOffline(true);
  await expect(alice.page.getByText('This device is offline.')).toBeVisible({ timeout: 3_000 });
  for (const text of ['first', 'second', 'third']) {
    await say(alice.page, text);
    await expect(message(alice.page, text).locator('[data-delivery=waiting]')).toBeVisible();
  }
  await say(bob.page, 'are you there?');

  await alice.page.context().setOffline(false);
  await expect(message(alice.page, 'are you there?')).toBeVisible();
  await expect(alice.page.locator('[data-delivery=waiting]')).toHaveCount(0);
  await expect(message(bob.page, 'third')).toBeVisible();
  const order = (await bob.page.getByRole('article').locator('.prose').allTextContents()).map((text) => text.trim());
  expect(order).toEqual(['are you there?', 'first', 'second', 'third']);
  expect(
    (await alice.page.getByRole('article').locator('.prose').allTextContents()).map((text) => text.trim()),
  ).toEqual(order);
});

test('what waits to be sent survives a reload', async ({ enter }) => {
  test.setTimeout(120_000);
  const [alice, bob] = [await enter('Alice'), await enter('Bob')];
  const room = await channel(alice, [bob]);
  await go(bob.page, room.name);
  await go(alice.page, room.name);
  await say(alice.page, 'before');
  await kept(alice.page, 'before');

  let blocked = true;
  let dials = 0;
  await alice.page.routeWebSocket(/\/ws$/, (socket) => {
    dials += 1;
    if (blocked) void socket.close({ code: 1013 });
    else socket.connectToServer();
  });
  await alice.page.reload();
  await expect(message(alice.page, 'before')).toBeVisible();
  const status = alice.page.getByRole('status').filter({ hasText: /^(No connection\.|Connecting…)$/ });
  await expect(status).toBeVisible({ timeout: 3_000 });
  await say(alice.page, 'patience');
  await alice.page.reload();
  await expect(message(alice.page, 'patience').locator('[data-delivery=waiting]')).toBeVisible();

  const before = dials;
  await alice.page.getByRole('button', { name: 'Retry now' }).click();
  await expect.poll(() => dials).toBeGreaterThan(before);
  blocked = false;
  await lookAgain(alice.page);
  await expect(message(bob.page, 'patience')).toHaveCount(1);
  await expect(message(alice.page, 'patience').locator('[data-delivery=waiting]')).toHaveCount(0);
  await expect(message(alice.page, 'patience')).toHaveCount(1);
});

test('who writes into a network that swallows everything is told within three seconds', async ({ enter }) => {
  const [alice, bob] = [await enter('Alice'), await enter('Bob')];
  const room = await channel(alice, [bob]);
  let swallows = false;
  await alice.page.routeWebSocket(/\/ws$/, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((frame) => swallows || server.send(frame));
    server.onMessage((frame) => swallows || socket.send(frame));
  });
  await alice.page.reload();
  await go(alice.page, room.name);
  await go(bob.page, room.name);
  await say(alice.page, 'before');
  await expect(message(bob.page, 'before')).toBeVisible();

  swallows = true;
  const told = alice.page.getByRole('status').filter({ hasText: 'No answer.' });
  await expect(told).toBeHidden();
  await say(alice.page, 'into the dark');
  await expect(told).toBeVisible({ timeout: 3_000 });
  await say(bob.page, 'are you there?');
  swallows = false;
  // The connection that lost frames is given up, another one fetches them.
  await expect(message(bob.page, 'into the dark')).toBeVisible({ timeout: 20_000 });
  await expect(message(alice.page, 'are you there?')).toBeVisible();
  await expect(told).toBeHidden();
  await expect(message(bob.page, 'into the dark')).toHaveCount(1);
});

test('a screen reader hears once that the connection is lost, not each second of the countdown, and that it is back', async ({
  enter,
}) => {
  const alice = await enter('Alice');
  const { page } = alice;
  let blocked = true;
  await page.routeWebSocket(/\/ws$/, (socket) => {
    if (blocked) void socket.close({ code: 1013 });
    else socket.connectToServer();
  });
  await page.addInitScript(() => {
    const heard: string[] = [];
    Object.assign(window, { heard });
    new MutationObserver(() => {
      const said = document.querySelector('[role=status]:not(:empty):not(.sr-only)')?.textContent ?? '';
      if (said !== (heard.at(-1) ?? '')) heard.push(said);
    }).observe(document, { subtree: true, childList: true, characterData: true });
  });
  const heard = () => page.evaluate(() => (window as unknown as { heard: string[] }).heard);
  await page.reload();
  // The countdown of the third wait is longer than two seconds.
  await expect(page.getByText(/Trying again in [3-9] seconds/)).toBeVisible({ timeout: 20_000 });
  await expect(page.getByText(/Trying again in 1 second\./)).toBeVisible({ timeout: 20_000 });
  // What the page says while it loads is not what this is about.
  const ofLoading = ['Loading…', 'Connecting…'];
  expect((await heard()).filter((said) => !ofLoading.includes(said))).toEqual(['No connection.']);

  blocked = false;
  await lookAgain(page);
  await expect(page.getByTestId('announcer')).toHaveText('Connected again.');
  // Then the rooms load, which is told, too; the lost connection is not told again.
  await expect.poll(async () => (await heard()).at(-1)).toBe('');
  expect((await heard()).filter((said) => said === 'No connection.')).toHaveLength(1);
});

test('an answer that got lost does not make a double', async ({ enter }) => {
  const [alice, bob] = [await enter('Alice'), await enter('Bob')];
  const room = await channel(alice, [bob]);
  let swallow = true;
  await alice.page.routeWebSocket(/\/ws$/, (socket) => {
    const server = socket.connectToServer();
    let sending: number | undefined;
    socket.onMessage((text) => {
      const frame = JSON.parse(String(text));
      if (frame.op === 'send') sending = frame.id;
      server.send(text);
    });
    server.onMessage((text) => {
      // The server has stored it; the connection breaks before the answer arrives.
      if (swallow && sending !== undefined && JSON.parse(String(text)).id === sending) {
        swallow = false;
        void socket.close({ code: 1011 });
      } else socket.send(text);
    });
  });
  await alice.page.reload();
  await go(alice.page, room.name);
  await go(bob.page, room.name);
  await say(alice.page, 'exactly once');
  await expect(message(alice.page, 'exactly once').locator('[data-delivery=waiting]')).toHaveCount(0);
  await say(alice.page, 'and on');
  await expect(message(bob.page, 'and on')).toBeVisible();
  await expect(message(bob.page, 'exactly once')).toHaveCount(1);
  await expect(message(alice.page, 'exactly once')).toHaveCount(1);
  expect(swallow).toBe(false);
});

test('a refused message offers to try again or to be deleted', async ({ enter }) => {
  const alice = await enter('Alice');
  const room = await channel(alice);
  let refuse = true;
  await alice.page.routeWebSocket(/\/ws$/, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((text) => {
      const frame = JSON.parse(String(text));
      if (refuse && frame.op === 'send') {
        socket.send(JSON.stringify({ id: frame.id, error: { code: 'forbidden', message: 'no', retry_after_ms: 0 } }));
      } else server.send(text);
    });
  });
  await alice.page.reload();
  await go(alice.page, room.name);
  await say(alice.page, 'one');
  await say(alice.page, 'two');
  await expect(message(alice.page, 'one').getByText('Not sent.')).toBeVisible();
  await alice.page.reload();
  await message(alice.page, 'two').getByRole('button', { name: 'Delete' }).click();
  await expect(message(alice.page, 'two')).toHaveCount(0);
  refuse = false;
  await message(alice.page, 'one').getByRole('button', { name: 'Retry' }).click();
  await expect(message(alice.page, 'one').locator('[data-delivery]')).not.toHaveAttribute('data-delivery', 'waiting');
  await expect(composer(alice.page)).toBeVisible();
});

test('several tabs show the same, and send a waiting message once', async ({ enter }) => {
  const [alice, bob] = [await enter('Alice'), await enter('Bob')];
  const room = await channel(alice, [bob]);
  await go(alice.page, room.name);
  await go(bob.page, room.name);
  const second = await alice.page.context().newPage();
  await second.goto(alice.page.url());
  await expect(composer(second)).toBeVisible();

  await alice.page.context().setOffline(true);
  await expect(second.getByText('This device is offline.')).toBeVisible();
  await say(alice.page, 'from the first tab');
  await expect(message(second, 'from the first tab')).toBeVisible();
  await say(second, 'from the second tab');
  await expect(message(alice.page, 'from the second tab')).toBeVisible();
  await alice.page.context().setOffline(false);

  for (const text of ['from the first tab', 'from the second tab']) {
    await expect(message(bob.page, text)).toHaveCount(1);
    for (const page of [alice.page, second]) {
      await expect(message(page, text)).toHaveCount(1);
      await expect(message(page, text).locator('[data-delivery=waiting]')).toHaveCount(0);
    }
  }
});
