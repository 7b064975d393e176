import { channel, composer, expect, go, message, messages, post, say, test } from './people';

test('code is shown in colours that come with the first block, and stays text', async ({ enter }) => {
  const alice = await enter('Alice');
  const room = await channel(alice);
  const fetched: string[] = [];
  alice.page.on('request', (request) => fetched.push(request.url()));
  await go(alice.page, room.name);
  await say(alice.page, 'no code yet');
  expect(fetched.filter((url) => url.includes('highlight'))).toEqual([]);
  await post(alice, room.id, ['```rust\nfn main() { let a = "<b>x</b>"; } // why\n```', '```nonsense\nlet a;\n```']);
  const code = message(alice.page, 'fn main()').locator('pre');
  await expect(code.locator('.code-keyword').first()).toHaveText('fn');
  await expect(code.locator('.code-string')).toHaveText('"<b>x</b>"');
  await expect(code.locator('b')).toHaveCount(0);
  await expect(message(alice.page, 'let a;').locator('pre span')).toHaveCount(0);
});

test('emoji: picked, completed by name, written out, and named in what is read', async ({ enter }) => {
  const alice = await enter('Alice');
  const room = await channel(alice);
  const { page } = alice;
  const elsewhere: string[] = [];
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(page.url()).origin) elsewhere.push(request.url());
  });
  await go(page, room.name);

  await composer(page).pressSequentially('Fine ');
  await page.getByRole('button', { name: 'Emoji' }).click();
  await page.getByRole('dialog', { name: 'Emoji' }).getByRole('searchbox').fill('rocket');
  await page.getByRole('gridcell', { name: 'rocket', exact: true }).click();
  await expect(composer(page)).toHaveValue('Fine 🚀');
  await expect(composer(page)).toBeFocused();

  await composer(page).press('Space');
  await composer(page).pressSequentially(':tad');
  await expect(page.getByRole('listbox', { name: 'Emoji' }).getByRole('option').first()).toHaveAttribute(
    'aria-selected',
    'true',
  );
  await composer(page).press('Tab');
  await expect(composer(page)).toHaveValue('Fine 🚀 🎉 ');
  await composer(page).pressSequentially(':+1:');
  await expect(composer(page)).toHaveValue('Fine 🚀 🎉 👍️');
  await composer(page).press('Enter');
  await expect(message(page, 'Fine').getByRole('img', { name: 'party popper' })).toBeVisible();
  await expect(message(page, 'Fine').getByRole('img', { name: 'rocket' })).toHaveAttribute('title', 'rocket');
  expect(elsewhere).toEqual([]);
});

test('a channel is completed after a hash, and its name leads there', async ({ enter }) => {
  const alice = await enter('Alice');
  const [room, other] = [await channel(alice), await channel(alice)];
  await go(alice.page, room.name);
  await composer(alice.page).pressSequentially(`see #${other.name.slice(0, -2)}`);
  await expect(alice.page.getByRole('listbox', { name: 'Channels' })).toBeVisible();
  await composer(alice.page).press('Enter');
  await expect(composer(alice.page)).toHaveValue(`see #${other.name} `);
  await composer(alice.page).press('Enter');
  await message(alice.page, 'see')
    .getByRole('link', { name: `#${other.name}` })
    .click();
  await expect(alice.page.getByRole('heading', { level: 1, name: other.name })).toBeVisible();
});

test('commands list themselves, do what they say, and say what to do where they cannot', async ({ enter }) => {
  const [alice, bob] = [await enter('Alice'), await enter('Bob')];
  const room = await channel(alice);
  const { page } = alice;
  const field = composer(page);
  await go(page, room.name);
  await field.pressSequentially('/');
  await expect(page.getByRole('listbox', { name: 'Commands' }).getByRole('option')).toHaveCount(7);
  await field.pressSequentially('to');
  await field.press('Enter');
  await expect(field).toHaveValue('/topic ');
  await field.pressSequentially('All about it');
  await field.press('Enter');
  await expect(page.getByRole('banner').or(page.locator('header')).getByText('All about it')).toBeVisible();
  await expect(field).toHaveValue('');

  await field.fill('/me waves');
  await field.press('Enter');
  await expect(message(page, 'waves').locator('em')).toHaveText('waves');
  await field.fill('/shrug who knows');
  await field.press('Enter');
  await expect(message(page, 'who knows ¯\\_(ツ)_/¯')).toBeVisible();
  await field.fill('//help is text');
  await field.press('Enter');
  await expect(message(page, '/help is text').locator('.prose')).toHaveText('/help is text');

  await field.fill('/invite @nobody-by-that-name');
  await field.press('Enter');
  await expect(page.getByRole('alert').filter({ hasText: 'nobody called nobody-by-that-name' })).toBeVisible();
  await expect(field).toHaveValue('/invite @nobody-by-that-name');
  await field.fill(`/invite @${bob.username}`);
  await field.press('Enter');
  await expect(bob.page.getByRole('link', { name: room.name })).toBeVisible();

  await go(bob.page, room.name);
  await composer(bob.page).fill('/topic mine');
  await composer(bob.page).press('Enter');
  await expect(bob.page.getByText('/topic cannot be used here')).toBeVisible();

  await field.fill('/frobnicate');
  await field.press('Enter');
  await expect(page.getByText('There is no command /frobnicate.')).toBeVisible();
  await field.fill('/mute');
  await field.press('Enter');
  await expect(page.getByRole('link', { name: room.name }).getByLabel('Muted')).toBeVisible();
  await field.fill('/help');
  await field.press('Enter');
  await expect(page.getByRole('dialog', { name: 'Commands' })).toContainText('/shrug');
  await page.keyboard.press('Escape');
  await field.fill('/leave');
  await field.press('Enter');
  await page
    .getByRole('alertdialog')
    .getByRole('button', { name: /^Leave / })
    .click();
  await expect(page.getByRole('link', { name: room.name })).toHaveCount(0);
});

test('a file that is let go over the page does not take its place', async ({ enter }) => {
  const { page } = await enter('Alice');
  await go(page, 'lobby');
  await composer(page).fill('half a thought');
  const address = page.url();
  const box = await messages(page).boundingBox();
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [import.meta.filename], dragOperationsMask: 1 };
  const place = { x: (box?.x ?? 0) + 100, y: (box?.y ?? 0) + 100, data };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, ...place });
  }
  await composer(page).press('End');
  await composer(page).pressSequentially(', and the rest');
  await expect(composer(page)).toHaveValue('half a thought, and the rest');
  expect(
    page
      .context()
      .pages()
      .map((open) => open.url()),
  ).toEqual([address]);
});
