import { channel, expect, go, message, messages, post, test } from './people';

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i} of many`);

test('older pages come without moving what is read', async ({ enter }) => {
  const alice = await enter('Alice');
  const room = await channel(alice);
  await post(alice, room.id, numbered(1, 150));
  await go(alice.page, room.name);
  await expect(message(alice.page, 'line 150 of many')).toBeInViewport();

  const list = messages(alice.page);
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
  const list = messages(alice.page);
  await expect(async () => {
    await list.evaluate((box) => {
      box.scrollTop = 0;
    });
    await expect(alice.page.getByText(`This is where ${room.name} begins.`)).toBeVisible({ timeout: 200 });
  }).toPass({ timeout: 30_000 });
  await expect(message(alice.page, 'line 1 of many').first()).toBeVisible();
  expect(await list.getByRole('article').count()).toBeLessThanOrEqual(300);
  await alice.page.getByRole('button', { name: 'Latest messages' }).click();
  await expect(message(alice.page, 'line 450 of many')).toBeInViewport();
  expect(await list.getByRole('article').count()).toBeLessThanOrEqual(300);
});

test('new messages do not pull one away from old ones', async ({ enter }) => {
  const [alice, bob] = [await enter('Alice'), await enter('Bob')];
  const room = await channel(alice, [bob]);
  await post(alice, room.id, numbered(1, 80));
  await go(alice.page, room.name);
  await expect(message(alice.page, 'line 80 of many')).toBeInViewport();
  const list = messages(alice.page);
  await list.evaluate((box) => {
    box.scrollTop -= 900;
  });
  const jump = alice.page.getByRole('button', { name: 'Latest messages' });
  await expect(jump).toBeVisible();
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
  await expect(message(alice.page, 'line 200 of many')).toHaveCount(0);
  await alice.page.keyboard.press('End');
  await expect(message(alice.page, 'line 200 of many')).toBeInViewport();
});

test('a room is found where it was left', async ({ enter }) => {
  const alice = await enter('Alice');
  const room = await channel(alice);
  await post(alice, room.id, numbered(1, 90));
  await go(alice.page, room.name);
  await expect(message(alice.page, 'line 90 of many')).toBeInViewport();
  const list = messages(alice.page);
  await list.evaluate((box) => {
    box.scrollTop -= 1500;
  });
  await expect(alice.page.getByRole('button', { name: 'Latest messages' })).toBeVisible();
  const seen = await list.evaluate((box) => {
    const top = box.getBoundingClientRect().top;
    return [...box.querySelectorAll('article')]
      .find((row) => row.getBoundingClientRect().top >= top)
      ?.getAttribute('data-seq');
  });
  await go(alice.page, 'lobby');
  await go(alice.page, room.name);
  await expect(alice.page.locator(`[data-seq="${seen}"]`)).toBeInViewport();
});
