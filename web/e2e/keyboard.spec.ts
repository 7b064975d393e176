import { channel, composer, expect, go, message, messages, post, say, test } from './people';

test('the quick switcher leads to a room without the mouse', async ({ enter }) => {
  const alice = await enter('Alice');
  const room = await channel(alice);
  await expect(alice.page.getByRole('link', { name: room.name })).toBeVisible();
  await alice.page.keyboard.press('Control+k');
  await expect(alice.page.getByRole('dialog', { name: 'Jump to a room or person' })).toBeVisible();
  await alice.page.keyboard.type(room.name);
  await expect(alice.page.getByRole('option', { name: room.name })).toBeVisible();
  // An arrow moves on from the first one, as long as there are others.
  await expect(alice.page.getByRole('option')).toHaveCount(1);
  await alice.page.keyboard.press('ArrowDown');
  await alice.page.keyboard.press('Enter');
  await expect(alice.page.getByRole('heading', { level: 1, name: room.name })).toBeVisible();
});

test('messages are one tab stop and are walked through with arrows', async ({ enter }) => {
  const alice = await enter('Alice');
  const room = await channel(alice);
  await post(alice, room.id, ['one', 'two', 'three']);
  await go(alice.page, room.name);
  await expect(message(alice.page, 'three')).toBeVisible();
  await expect(alice.page.locator('article[tabindex="0"]')).toHaveCount(1);
  await composer(alice.page).focus();
  await alice.page.keyboard.press('Shift+Tab');
  await expect(message(alice.page, 'three')).toBeFocused();
  await alice.page.keyboard.press('ArrowUp');
  await expect(message(alice.page, 'two')).toBeFocused();
  await alice.page.keyboard.press('Home');
  await expect(message(alice.page, 'one')).toBeFocused();
  await alice.page.keyboard.press('Enter');
  await expect(alice.page.getByRole('button', { name: 'Reply' })).toBeFocused();
  // The first Esc closes the tooltip of the button, as it must; the second one leaves.
  await expect(alice.page.getByRole('tooltip')).toBeVisible();
  await alice.page.keyboard.press('Escape');
  await alice.page.keyboard.press('Escape');
  await expect(composer(alice.page)).toBeFocused();
});

test('Home and End lead to the first message that is loaded and to the newest, whatever is in the document', async ({
  enter,
}) => {
  const alice = await enter('Alice');
  const room = await channel(alice);
  await post(
    alice,
    room.id,
    Array.from({ length: 130 }, (_, i) => `number ${i + 1}.`),
  );
  const { page } = alice;
  await go(page, room.name);
  const focused = page.locator('article:focus');
  const loaded = () => page.evaluate(() => document.querySelectorAll('#messages article').length);
  await message(page, 'number 130.').focus();
  expect(await loaded()).toBeLessThan(130);
  // Each press loads what lies before, until there is nothing before.
  await expect(async () => {
    await page.keyboard.press('Home');
    await expect(focused).toContainText('number 1.', { timeout: 500 });
  }).toPass();
  await expect(focused).toBeInViewport();
  await page.keyboard.press('End');
  await expect(focused).toContainText('number 130.');
  await expect(focused).toBeInViewport();
  await page.keyboard.press('ArrowUp');
  await expect(focused).toContainText('number 129.');
});

test('a pointer that rests on a message takes nothing from who goes by key', async ({ enter }) => {
  const alice = await enter('Alice');
  const room = await channel(alice);
  await post(alice, room.id, ['one', 'two', 'three']);
  await go(alice.page, room.name);
  await message(alice.page, 'one').hover();
  await expect(message(alice.page, 'one').getByRole('button', { name: 'Reply' })).toBeVisible();
  await composer(alice.page).focus();
  await alice.page.keyboard.press('Shift+Tab');
  await expect(message(alice.page, 'three')).toBeFocused();
  await alice.page.keyboard.press('Enter');
  await expect(message(alice.page, 'three').getByRole('button', { name: 'Reply' })).toBeFocused();
});

test('skip links and F6 lead to the parts of the page', async ({ enter }) => {
  const alice = await enter('Alice');
  await go(alice.page, 'lobby');
  await say(alice.page, 'here');
  await alice.page.reload();
  await expect(composer(alice.page)).toBeVisible();
  await alice.page.keyboard.press('Tab');
  await expect(alice.page.getByRole('button', { name: 'To the messages' })).toBeFocused();
  await alice.page.keyboard.press('Tab');
  await alice.page.keyboard.press('Enter');
  await expect(composer(alice.page)).toBeFocused();
  const banner = alice.page.getByRole('banner', { name: 'Chirm' });
  const rooms = alice.page.getByRole('navigation', { name: 'Rooms' });
  for (const [key, region] of [
    ['F6', banner],
    ['F6', rooms],
    ['Control+F6', messages(alice.page)],
    ['F6', composer(alice.page)],
    ['Shift+F6', messages(alice.page)],
    ['Control+Shift+F6', rooms],
  ] as const) {
    await alice.page.keyboard.press(key);
    await expect(region).toBeFocused();
  }
  await expect(alice.page.getByRole('main', { name: 'Content' })).toBeVisible();
});

test('on other pages the skip links lead to what is there, and the title goes on counting', async ({
  enter,
  outsider,
}) => {
  const [alice, bob] = [await enter('Alice'), await outsider('Bob')];
  const room = await channel(alice, [bob]);
  await go(alice.page, 'lobby');
  await alice.page.getByRole('button', { name: 'Settings' }).click();
  await post(bob, room.id, ['news']);
  await expect(alice.page).toHaveTitle('(1) Settings – Chirm');
  await alice.page.reload();
  const links = alice.page.getByRole('navigation', { name: 'Skip links' }).getByRole('button');
  await expect(links).toHaveText(['To the content', 'To the rooms']);
  for (const [link, target] of [
    ['To the content', alice.page.getByRole('main')],
    ['To the rooms', alice.page.getByRole('navigation', { name: 'Rooms' })],
  ] as const) {
    await links.filter({ hasText: link }).focus();
    await alice.page.keyboard.press('Enter');
    await expect(target).toBeFocused();
  }
});

test('a message is read out as text, without the signs of its Markdown', async ({ enter, outsider }) => {
  const [alice, bob] = [await enter('Alice'), await outsider('Bob')];
  const room = await channel(alice, [bob]);
  await post(bob, room.id, ['**All** of `this` is [text](https://example.org)']);
  await go(alice.page, room.name);
  await expect(alice.page.getByRole('article', { name: /^Bob, \d.*, All of this is text$/ })).toBeVisible();
});

test('Alt and arrows go through rooms, with Shift through unread ones', async ({ enter, outsider }) => {
  const [alice, bob] = [await enter('Alice'), await outsider('Bob')];
  const room = await channel(alice, [bob]);
  const muted = await channel(alice, [bob]);
  await alice.api('patch', `/rooms/${muted.id}`, { muted: true });
  await go(alice.page, 'lobby');
  await post(bob, room.id, ['news']);
  // Above the other one, but it does not call for anybody.
  await post(bob, muted.id, ['noise']);
  await expect(alice.page.getByRole('link', { name: room.name })).toContainText('unread');
  await alice.page.keyboard.press('Alt+Shift+ArrowDown');
  await expect(alice.page.getByRole('heading', { level: 1, name: room.name })).toBeVisible();
});

test('new messages are spoken, my own are not', async ({ enter, outsider }) => {
  const [alice, bob] = [await enter('Alice'), await outsider('Bob')];
  const room = await channel(alice, [bob]);
  await go(alice.page, room.name);
  const announcer = alice.page.getByTestId('announcer');
  await say(alice.page, 'my own');
  await post(bob, room.id, ['good news']);
  await expect(announcer).toContainText('good news');
  await expect(announcer).not.toContainText('my own');
  await post(bob, room.id, ['a', 'b', 'c', 'd']);
  await expect(announcer).toContainText('new messages in');
});

test('the list of shortcuts opens and gives the focus back', async ({ enter }) => {
  const alice = await enter('Alice');
  await go(alice.page, 'lobby');
  await composer(alice.page).focus();
  await alice.page.keyboard.press('Control+/');
  await expect(alice.page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await alice.page.keyboard.press('Escape');
  await expect(composer(alice.page)).toBeFocused();
});
