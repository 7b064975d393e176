import { channel, expect, go, home, leaveEnd, message, messages, post, test } from './people';

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i} of many`);

test('older pages come without moving what is read', async ({ enter }) => {
  const alice = await enter('Alice');
  const room = await channel(alice);
  await post(alice, room.id, numbered(1, 150));
  await go(alice.page, room.name);
  await expect(message(alice.page, 'line 150 of many')).toBeInViewport();

  const list = messages(alice.page);
  // As many as two screens ask for, not all.
  expect(await list.getByRole('article').count()).toBeLessThan(150);
  // The page must grow while one reads: the row in view keeps its place to the pixel.
  const moved = await list.evaluate(async (box) => {
    box.scrollTop = 400;
    box.dispatchEvent(new Event('scroll'));
    const top = box.getBoundingClientRect().top;
    const row = [...box.querySelectorAll('[data-row]')].find((element) => element.getBoundingClientRect().top >= top);
    const before = row?.getBoundingClientRect().top ?? 0;
    const count = box.querySelectorAll('article').length;
    await new Promise<void>((grown) => {
      const observer = new MutationObserver(() => {
        if (box.querySelectorAll('article').length === count) return;
        observer.disconnect();
        requestAnimationFrame(() => grown());
      });
      observer.observe(box, { childList: true, subtree: true });
    });
    return Math.abs((row?.getBoundingClientRect().top ?? 0) - before);
  });
  expect(moved).toBeLessThanOrEqual(1);

  await list.focus();
  await expect(async () => {
    await list.evaluate((box) => {
      box.scrollTop = 0;
    });
    await expect(message(alice.page, 'line 1 of many').first()).toBeVisible({ timeout: 500 });
  }).toPass();
  await expect(alice.page.getByText(`This is where ${room.name} begins.`)).toBeVisible();

  await alice.page.getByRole('button', { name: 'Latest messages' }).click();
  await expect(message(alice.page, 'line 150 of many')).toBeInViewport();
});

test('a long room keeps the page small, and still reaches both ends', async ({ enter }) => {
  const alice = await enter('Alice');
  const room = await channel(alice);
  await post(alice, room.id, numbered(1, 450));
  await go(alice.page, room.name);
  await expect(message(alice.page, 'line 450 of many')).toBeInViewport();
  const list = messages(alice.page);
  await expect(async () => {
    await list.evaluate((box) => {
      box.scrollTop = 0;
    });
    await expect(alice.page.getByText(`This is where ${room.name} begins.`)).toBeVisible({ timeout: 200 });
  }).toPass({ timeout: 30_000 });
  await expect(message(alice.page, 'line 1 of many').first()).toBeVisible();
  expect(await list.getByRole('article').count()).toBeLessThanOrEqual(300);

  // A leap to where all around is held already: both sides are brought in, and it stays in sight.
  await alice.page.evaluate((path) => history.pushState({ jump: 1 }, '', path), `/r/${room.id}/400`);
  await expect(message(alice.page, 'line 400 of many')).toBeFocused();
  for (const seq of [350, 440]) await expect(message(alice.page, `line ${seq} of many`)).toBeAttached();
  await expect(message(alice.page, 'line 400 of many')).toBeInViewport();
  await alice.page.getByRole('button', { name: 'Latest messages' }).click();
  await expect(message(alice.page, 'line 450 of many')).toBeInViewport();
  expect(await list.getByRole('article').count()).toBeLessThanOrEqual(300);
});

test('new messages do not pull one away from old ones', async ({ enter, outsider }) => {
  const [alice, bob] = [await enter('Alice'), await outsider('Bob')];
  const room = await channel(alice, [bob]);
  await post(alice, room.id, numbered(1, 80));
  await go(alice.page, room.name);
  await expect(message(alice.page, 'line 80 of many')).toBeInViewport();
  const list = messages(alice.page);
  await leaveEnd(alice.page, 900);
  const jump = alice.page.getByRole('button', { name: 'Latest messages' });
  const before = await list.evaluate((box) => box.scrollTop);
  await post(bob, room.id, ['something new', 'and newer']);
  await expect(alice.page.getByRole('button', { name: '2 new messages' })).toBeVisible();
  expect(await list.evaluate((box) => box.scrollTop)).toBe(before);
  await alice.page.getByRole('button', { name: '2 new messages' }).click();
  await expect(message(alice.page, 'and newer')).toBeInViewport();
  await expect(jump).toBeHidden();
});

test('an address leads into the middle, from where both directions load', async ({ enter }) => {
  const alice = await enter('Alice');
  const room = await channel(alice);
  await post(alice, room.id, numbered(1, 200));
  await alice.page.goto(`${alice.page.url().replace(/\/r\/.*|\/$/, '')}/r/${room.id}/90`);
  await expect(message(alice.page, 'line 90 of many')).toBeInViewport();
  await expect(message(alice.page, 'line 90 of many')).toBeFocused();
  for (const seq of [1, 179]) await expect(message(alice.page, `line ${seq} of many`)).toBeAttached();
  await expect(message(alice.page, 'line 90 of many')).toBeInViewport();
  await expect(message(alice.page, 'line 200 of many')).toHaveCount(0);
  await alice.page.keyboard.press('End');
  await expect(message(alice.page, 'line 200 of many')).toBeInViewport();
});

test('the long form of the address leads there, too', async ({ enter }) => {
  const alice = await enter('Alice');
  const { page } = alice;
  const room = await channel(alice);
  await post(alice, room.id, numbered(1, 100));
  await page.goto(`${home()}r/${room.id}/m/30`);
  await expect(message(page, 'line 30 of many')).toBeFocused();
  await expect(page).toHaveURL(new RegExp(`/r/${room.id}/30$`));
});

test('an address leads into the middle also where the device kept the end of the room', async ({ enter }) => {
  const alice = await enter('Alice');
  const { page } = alice;
  const room = await channel(alice);
  await post(alice, room.id, numbered(1, 200));
  await go(page, room.name);
  await expect(message(page, 'line 200 of many')).toBeInViewport();
  await page.goto(`${home()}r/${room.id}/30`);
  await expect(message(page, 'line 30 of many')).toBeFocused();
  // With what came after it, the stretch meets the one that was kept.
  for (const seq of [1, 120]) await expect(message(page, `line ${seq} of many`)).toBeAttached();
  await expect(message(page, 'line 30 of many')).toBeInViewport();
});

test('a room is found where it was left, to the pixel, however high the screen is', async ({ enter }) => {
  const alice = await enter('Alice', { viewport: { width: 1440, height: 1100 } });
  const { page } = alice;
  const room = await channel(alice);
  await post(alice, room.id, numbered(1, 150));
  await go(page, room.name);
  await expect(message(page, 'line 150 of many')).toBeInViewport();
  const list = messages(page);
  await leaveEnd(page, 1500);
  const top = () =>
    list.evaluate((box) => {
      const edge = box.getBoundingClientRect().top;
      const rows = [...box.querySelectorAll<HTMLElement>('article')];
      const row = rows.find((row) => row.getBoundingClientRect().bottom > edge);
      return { seq: row?.dataset.seq, offset: Math.round((row?.getBoundingClientRect().top ?? 0) - edge) };
    });
  // What is loaded above may still be arriving.
  const nextFrames = () =>
    page.evaluate(async () => {
      for (let frame = 0; frame < 20; frame++) await new Promise(requestAnimationFrame);
    });
  let left = await top();
  await expect(async () => {
    const before = left;
    await nextFrames();
    left = await top();
    expect(left).toEqual(before);
  }).toPass();
  await go(page, 'lobby');
  await go(page, room.name);
  const row = page.locator(`[data-seq="${left.seq}"]`);
  await expect(row).toBeInViewport();
  // By the same row: which one is the first is a matter of less than a pixel.
  const offset = async () => (await row.boundingBox())?.y ?? 0;
  const edge = (await list.boundingBox())?.y ?? 0;
  await expect.poll(async () => Math.abs((await offset()) - edge - left.offset)).toBeLessThanOrEqual(1);
});
