import type { Locator, Page } from '@playwright/test';
import { expectNoSidewaysScroll } from './layout';
import { channel, composer, expect, go, home, message, PASSWORD, post, test } from './people';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

test('one pane at a time, with real history entries', async ({ enter }) => {
  const alice = await enter('Alice', PHONE);
  const room = await channel(alice);
  const { page } = alice;
  const rooms = page.getByRole('navigation', { name: 'Rooms' });
  await go(page, room.name);
  await expect(rooms).toBeHidden();
  await page.getByRole('button', { name: 'Show details' }).click();
  await expect(page.getByRole('complementary', { name: /^Details of/ })).toBeVisible();
  await expect(composer(page)).toBeHidden();
  await page.goBack();
  await expect(composer(page)).toBeVisible();
  await page.goBack();
  await expect(rooms).toBeVisible();
});

test('Back leads to the list also for who came by the address of a room or of its details', async ({ enter }) => {
  const alice = await enter('Alice', PHONE);
  const room = await channel(alice);
  for (const reload of [false, true]) {
    const page = await alice.page.context().newPage();
    await page.goto(`${home()}r/${room.id}/info`);
    await expect(page.getByRole('complementary', { name: /^Details of/ })).toBeVisible();
    // Reloading adds nothing to what Back goes through.
    if (reload) await page.reload();
    await page.goBack();
    await expect(composer(page)).toBeVisible();
    await page.goBack();
    await expect(page.getByRole('navigation', { name: 'Rooms' })).toBeVisible();
    await page.goBack();
    expect(page.url()).toBe('about:blank');
    await page.close();
  }
});

test('Enter makes a new line, the button sends', async ({ enter }) => {
  const alice = await enter('Alice', PHONE);
  const room = await channel(alice);
  await go(alice.page, room.name);
  await composer(alice.page).fill('one');
  await composer(alice.page).press('Enter');
  await composer(alice.page).pressSequentially('two');
  await alice.page.getByRole('button', { name: 'Send' }).click();
  await expect(message(alice.page, 'two')).toContainText('one');
});

for (const width of [320, 390, 768]) {
  test(`nothing scrolls sideways at ${width} px`, async ({ enter }) => {
    const alice = await enter('Alice', { ...PHONE, viewport: { width, height: 700 } });
    const room = await channel(alice);
    await go(alice.page, room.name);
    await composer(alice.page).fill(`${'long'.repeat(80)} and https://example.org/${'path/'.repeat(40)}`);
    await alice.page.getByRole('button', { name: 'Send' }).click();
    await expect(message(alice.page, 'longlong')).toBeVisible();
    for (const path of [`/r/${room.id}`, `/r/${room.id}/info`, '/browse', '/settings', '/']) {
      await alice.page.goto(new URL(path, alice.page.url()).href);
      await expect(alice.page.getByRole('heading').first()).toBeVisible();
      await expectNoSidewaysScroll(alice.page, path);
    }
  });
}

test('on the narrowest phone the name of a room can be read, and the calendar is on the screen', async ({ enter }) => {
  const alice = await enter('Alice', { ...PHONE, viewport: { width: 320, height: 640 } });
  const { page } = alice;
  const room = await channel(alice);
  await post(alice, room.id, ['the first']);
  await go(page, room.name);
  const title = page.getByRole('heading', { level: 1 });
  expect(await title.evaluate((name) => [name.scrollWidth - name.clientWidth, name.textContent])).toEqual([
    0,
    room.name,
  ]);
  await page.getByRole('button', { name: 'Jump to a date' }).tap();
  for (const part of ['Previous', 'Next']) {
    const arrow = page.getByRole('dialog').getByRole('button', { name: part }).first();
    await expect(arrow).toBeInViewport({ ratio: 1 });
  }
  for (const day of await page.getByRole('gridcell').getByRole('button').all()) {
    if (await day.isVisible()) await expect(day).toBeInViewport({ ratio: 1 });
  }
  const size = await page.getByRole('gridcell').getByRole('button').first().boundingBox();
  expect(size?.width).toBeGreaterThan(38);
});

test('a room one is not in has a way back to the list', async ({ enter, outsider }) => {
  const [alice, bob] = [await enter('Alice', PHONE), await outsider('Bob')];
  const { page } = alice;
  const room = await channel(bob);
  await page.goto(`${home()}r/${room.id}`);
  await expect(page.getByRole('button', { name: 'Join this channel' })).toBeVisible();
  await page.getByRole('button', { name: 'To my rooms' }).tap();
  await expect(page.getByRole('navigation', { name: 'Rooms' })).toBeVisible();
});

test('the way to sign out a device is in reach, however long its name', async ({ enter, browser }) => {
  const alice = await enter('Alice', { ...PHONE, viewport: { width: 320, height: 640 } });
  const elsewhere = await browser.newContext();
  const device = 'A browser that tells all it knows of itself, and of those before it, in one name';
  await elsewhere.request.post(`${home()}api/v1/auth/login`, {
    data: { username: alice.username, password: PASSWORD, device },
    headers: { 'X-Requested-With': 'chirm' },
  });
  await elsewhere.close();
  await alice.page.goto(`${home()}settings`);
  const button = alice.page.getByRole('button', { name: `Sign out ${device}` });
  await button.scrollIntoViewIfNeeded();
  await expect(button).toBeInViewport({ ratio: 1 });
});

test('what can be chosen in the settings stays in its box, however long the words', async ({ enter }) => {
  const options = { viewport: { width: 320, height: 640 }, locale: 'de-DE', permissions: ['notifications'] };
  const alice = await enter('Alice', { ...PHONE, ...options });
  await alice.page.goto(`${home()}settings`);
  await expect(alice.page.getByText('Erwähnungen und Direktnachrichten')).toBeVisible();
  const outside = await alice.page.getByRole('radio').evaluateAll((radios) =>
    radios
      .map((radio) => radio.closest('label'))
      .filter((label) => {
        const box = label?.closest('[role=radiogroup]')?.getBoundingClientRect();
        return !label || !box || label.getBoundingClientRect().right > box.right;
      })
      .map((label) => label?.textContent),
  );
  expect(outside).toEqual([]);
});

test('everything that can be pressed is large enough for a finger', async ({ enter }) => {
  const alice = await enter('Alice', PHONE);
  const room = await channel(alice);
  const { page } = alice;
  await go(page, room.name);
  await composer(page).fill('hello');
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(message(page, 'hello')).toBeVisible();
  for (const path of ['/', `/r/${room.id}`, `/r/${room.id}/info`, '/settings', '/browse']) {
    await page.goto(new URL(path, page.url()).href);
    await expect(page.getByRole('heading').first()).toBeVisible();
    await expect(page.getByText('Loading…')).toHaveCount(0);
    const small = await page.evaluate(() => {
      const targets = document.querySelectorAll(
        // What is hidden within a label is pressed by way of it.
        'button, a[href], select, textarea, input:not(label input), label:has(input)',
      );
      return [...targets]
        .filter((target) => target.checkVisibility() && !target.closest('.prose, .skip-link, [aria-hidden=true]'))
        .map((target) => ({ target, box: target.getBoundingClientRect() }))
        .filter(({ box }) => box.width > 1 && (box.height < 43.5 || box.width < 43.5))
        .map(
          ({ target, box }) =>
            `${target.textContent || target.getAttribute('aria-label')}: ${Math.round(box.width)}×${Math.round(box.height)}`,
        );
    });
    expect(small, path).toEqual([]);
  }
});

/** A finger rests there until `until` is so, and is lifted. */
async function rest(page: Page, place: Locator, until: () => Promise<void>): Promise<void> {
  const box = await place.boundingBox();
  if (!box) throw new Error('not on the screen');
  const cdp = await page.context().newCDPSession(page);
  const touchPoints = [{ x: box.x + box.width / 2, y: box.y + box.height / 2 }];
  await cdp.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints });
  await until();
  await cdp.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
}

test('a finger that rests on a message opens all that can be done with it', async ({ enter, outsider }) => {
  const [alice, bob] = [await enter('Alice', PHONE), await outsider('Bob')];
  const room = await channel(alice, [bob]);
  await post(bob, room.id, ['words to keep', 'and more']);
  const { page } = alice;
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await go(page, room.name);
  const words = message(page, 'words to keep').getByText('words to keep');
  const sheet = page.getByRole('dialog', { name: 'Bob' });
  const open = () => rest(page, words, () => expect(sheet).toBeVisible());

  await open();
  await expect(sheet.getByText('words to keep')).toBeVisible();
  // The finger was lifted above one of them, which is nothing to it.
  await expect(sheet.locator('button:focus')).toHaveCount(0);
  const rows = sheet.getByRole('button');
  await expect(rows).toHaveText([
    '',
    'Reply',
    'Who has read this',
    'Mark as unread from here',
    'Copy text',
    'Copy link',
  ]);
  for (const row of await rows.all()) expect((await row.boundingBox())?.height).toBeGreaterThanOrEqual(44);

  await sheet.getByRole('button', { name: 'Copy text' }).click();
  await expect(sheet).toBeHidden();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe('words to keep');

  await open();
  await sheet.getByRole('button', { name: 'Who has read this' }).click();
  const readers = page.getByRole('dialog', { name: 'Who has read this' });
  await expect(readers).toContainText('Alice');
  await readers.getByRole('button', { name: 'Close' }).click();

  await open();
  await sheet.getByRole('button', { name: 'Reply' }).click();
  await expect(page.getByText('Replying to Bob:')).toBeVisible();
  await expect(composer(page)).toBeFocused();

  await open();
  await sheet.getByRole('button', { name: 'Mark as unread from here' }).click();
  await page.goBack();
  await expect(page.getByRole('link', { name: room.name })).toContainText('Marked as unread');
});

test('a message that waits can be taken back by a long press', async ({ enter }) => {
  const alice = await enter('Alice', PHONE);
  const room = await channel(alice);
  const { page } = alice;
  await go(page, room.name);
  await page.context().setOffline(true);
  await expect(page.getByText('This device is offline.')).toBeVisible();
  await composer(page).fill('too early');
  await page.getByRole('button', { name: 'Send' }).click();
  const sheet = page.getByRole('dialog', { name: 'Waiting to be sent' });
  await rest(page, message(page, 'too early').getByText('too early'), () => expect(sheet).toBeVisible());
  await sheet.getByRole('button', { name: 'Do not send' }).click();
  await expect(sheet).toBeHidden();
  await expect(page.getByText('too early')).toHaveCount(0);
});
