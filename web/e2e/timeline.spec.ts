import { channel, composer, expect, flood, go, leaveEnd, message, messages, post, test, withoutClient } from './people';

const numbered = (to: number) => Array.from({ length: to }, (_, i) => `line ${i + 1} of many`);

test('a quote shows what it answers also where that is far away, and leads there as often as one likes', async ({
  enter,
  outsider,
}) => {
  const [alice, bob] = [await enter('Alice'), await outsider('Bob')];
  const room = await channel(alice, [bob]);
  await post(alice, room.id, numbered(140));
  const answer = { client_id: crypto.randomUUID(), body: 'I mean this', reply_to: 3 };
  await bob.api('post', `/rooms/${room.id}/messages`, answer);
  const { page } = alice;
  await page.reload();
  await go(page, room.name);
  const quote = message(page, 'I mean this').getByRole('link', { name: 'line 3 of many' });
  await expect(quote).toBeVisible();
  await expect(page.locator('[data-seq="3"]')).toHaveCount(0);
  for (let time = 0; time < 2; time++) {
    await quote.click();
    await expect(page.locator('[data-seq="3"]')).toBeInViewport();
    await expect(page.locator('[data-seq="3"]')).toBeFocused();
    // Which one it is can be seen for a while, also by who wants no motion.
    const shown = page.locator('[data-seq="3"][data-flash]');
    await expect(shown).not.toHaveCSS('background-color', 'rgba(0, 0, 0, 0)');
    await expect(shown).toHaveCount(0);
    await page.keyboard.press('End');
    await expect(message(page, 'I mean this')).toBeInViewport();
  }
});

test('who looks at an empty room sees its end, however many messages come at once', async ({ enter }) => {
  const [alice, bob] = [await enter('Alice'), await enter('Bob')];
  const [quiet, busy] = [await channel(alice, [bob]), await channel(alice, [bob])];
  await withoutClient(bob);
  const { page } = alice;
  await page.bringToFront();
  const divider = page.getByRole('heading', { name: 'New', exact: true });

  await go(page, quiet.name);
  await expect(page.getByText('Nothing has been said yet')).toBeVisible();
  await post(bob, quiet.id, ['the first']);
  await expect(message(page, 'the first')).toBeVisible();
  await expect(page.getByText('Nothing has been said yet')).toHaveCount(0);
  await expect(divider).toHaveCount(0);

  await go(page, busy.name);
  await expect(page.getByText('Nothing has been said yet')).toBeVisible();
  for (const last of [1_000, 2_000]) {
    await flood(bob, busy.id, last - 999, last);
    await expect(message(page, `line ${last} of`)).toBeInViewport({ timeout: 20_000 });
  }
  await expect(divider).toHaveCount(0);
  await expect(page.getByRole('button', { name: /new messages|Latest messages/ })).toHaveCount(0);
});

test('End leads to the newest message and Esc takes the divider away, from the text field and from nowhere', async ({
  enter,
  outsider,
}) => {
  const [alice, bob] = [await enter('Alice'), await outsider('Bob')];
  const room = await channel(alice, [bob]);
  await post(alice, room.id, numbered(80));
  const { page } = alice;
  const divider = page.getByRole('heading', { name: 'New', exact: true });
  await go(page, room.name);
  await expect(message(page, 'line 80 of many')).toBeInViewport();
  await expect(composer(page)).toBeFocused();
  await leaveEnd(page, 900);
  await page.keyboard.press('End');
  await expect(message(page, 'line 80 of many')).toBeInViewport();

  await leaveEnd(page, 900);
  // In a text End is the text's.
  await composer(page).fill('a thought');
  await page.keyboard.press('End');
  await expect(message(page, 'line 80 of many')).not.toBeInViewport();
  await composer(page).fill('');
  await composer(page).blur();
  await page.keyboard.press('End');
  await expect(message(page, 'line 80 of many')).toBeInViewport();

  await go(page, 'lobby');
  await post(bob, room.id, ['something new']);
  await go(page, room.name);
  await expect(divider).toBeVisible();
  await expect(composer(page)).toBeFocused();
  await message(page, 'something new').hover();
  await message(page, 'something new').getByRole('button', { name: 'Reply' }).click();
  await expect(page.getByText('Replying to Bob:')).toBeVisible();
  await expect(composer(page)).toBeFocused();
  // One at a time: first what is being answered.
  await page.keyboard.press('Escape');
  await expect(page.getByText('Replying to Bob:')).toHaveCount(0);
  await expect(divider).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(divider).toHaveCount(0);
});

test('the calendar leads to the first message of a day', async ({ enter }) => {
  const alice = await enter('Alice');
  const room = await channel(alice);
  await post(alice, room.id, numbered(120));
  const { page } = alice;
  await go(page, room.name);
  await expect(message(page, 'line 120 of many')).toBeInViewport();
  await page.getByRole('button', { name: 'Jump to a date' }).click();
  // The day that has the focus is today.
  await expect(page.getByRole('dialog', { name: 'Jump to a date' }).getByRole('grid')).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.locator('[data-seq="1"]')).toBeInViewport();
  await expect(page).toHaveURL(new RegExp(`/r/${room.id}/1$`));
});

test('what waits can be taken back, and the focus goes to what is next to it', async ({ enter }) => {
  const alice = await enter('Alice');
  const room = await channel(alice);
  const { page } = alice;
  await go(page, room.name);
  await expect(page.getByText('Nothing has been said yet')).toBeVisible();
  await page.context().setOffline(true);
  await expect(page.getByText('This device is offline.')).toBeVisible();
  for (const text of ['first', 'second', 'third']) {
    await composer(page).fill(text);
    await composer(page).press('Enter');
  }
  await expect(messages(page).getByRole('article')).toHaveCount(3);
  await message(page, 'second').focus();
  await page.keyboard.press('Enter');
  await message(page, 'second').getByRole('button', { name: 'Do not send' }).focus();
  await page.keyboard.press('Enter');
  await expect(message(page, 'second')).toHaveCount(0);
  await expect(message(page, 'third')).toBeFocused();
  await page.context().setOffline(false);
  await expect(page.locator('[data-delivery=waiting]')).toHaveCount(0);
  await expect(messages(page).locator('.prose')).toHaveText(['first', 'third']);
});
