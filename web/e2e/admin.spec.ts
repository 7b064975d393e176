import { randomBytes } from 'node:crypto';
import { expectNoSidewaysScroll } from './layout';
import { channel, expect, go, home, message, PASSWORD, test } from './people';

test('only administrators see the administration', async ({ enter }) => {
  const alice = await enter('Alice');
  await expect(alice.page.getByRole('button', { name: 'Administration' })).toHaveCount(0);
  await alice.page.goto(`${home()}admin`);
  await expect(alice.page.getByText('Only for administrators')).toBeVisible();
});

test('a room is found, announced in, archived, brought back and deleted', async ({ owner, enter }) => {
  const [olive, alice] = [await owner(), await enter('Alice')];
  const room = await channel(alice);
  await go(alice.page, room.name);
  const { page } = olive;
  await page.getByRole('button', { name: 'Administration' }).click();
  await expect(page.getByText('Messages', { exact: true })).toBeVisible();
  await page.getByRole('link', { name: 'Rooms', exact: true }).click();
  await page.getByLabel('Search by name').fill(room.name);
  await page.getByRole('link', { name: room.name }).click();

  await page.getByRole('textbox', { name: 'Announcement' }).fill('Maintenance at noon');
  await page.getByRole('button', { name: 'Announce' }).click();
  await expect(message(alice.page, 'Maintenance at noon')).toBeVisible();

  await page.getByRole('button', { name: 'Archive' }).click();
  await expect(alice.page.getByText('This room is archived')).toBeVisible();
  await page.getByRole('button', { name: 'Bring back from the archive' }).click();
  await expect(alice.page.getByText('This room is archived')).toBeHidden();

  await page.getByRole('button', { name: 'Delete room' }).click();
  await page
    .getByRole('alertdialog')
    .getByRole('button', { name: `Delete ${room.name}` })
    .click();
  await expect(alice.page.getByRole('link', { name: room.name })).toHaveCount(0);
});

test('a user is made administrator, signed out everywhere and disabled', async ({ owner, enter }) => {
  const [olive, alice] = [await owner(), await enter('Alice')];
  const { page } = olive;
  await page.goto(`${home()}admin/users`);
  await page.getByLabel('Search by name').fill(alice.username);
  await expect(page.getByLabel('Role of Alice')).toHaveCount(1);
  await page.getByLabel('Role of Alice').selectOption('admin');
  await expect(alice.page.getByRole('button', { name: 'Administration' })).toBeVisible();

  const menu = page.getByRole('button', { name: 'What to do with Alice' });
  await menu.click();
  await page.getByRole('menuitem', { name: 'Sign out everywhere' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Sign Alice out everywhere' }).click();
  const ended = alice.page.getByRole('dialog', { name: 'Please sign in again' });
  await expect(ended).toBeVisible();
  await expect(page.getByRole('alertdialog')).toBeHidden();

  await menu.click();
  await page.getByRole('menuitem', { name: 'Disable account' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Disable Alice' }).click();
  await expect(page.getByText('disabled')).toBeVisible();
  await ended.getByLabel('Password').fill(PASSWORD);
  await ended.getByRole('button', { name: 'Sign in' }).click();
  await expect(ended.getByRole('alert')).not.toBeEmpty();
});

test('an invitation link lets one person in', async ({ owner, page }) => {
  const olive = await owner();
  await olive.page.goto(`${home()}admin/invites`);
  await olive.page.getByRole('button', { name: 'Create link' }).click();
  const link = await olive.page.getByLabel('Invitation link, shown only now').inputValue();
  const { search, hash } = new URL(link);
  await page.goto(new URL(search + hash, home()).href);
  await expect(page.getByText('Somebody invited you.')).toBeVisible();
  await page.getByLabel('Username').fill(`dave-${randomBytes(4).toString('hex')}`);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('link', { name: 'lobby' })).toBeVisible();
  await expect(page).not.toHaveURL(/invite/);
});

// 640 px is a window of 1280 at 200 %.
for (const width of [320, 640]) {
  test(`nothing of the administration scrolls sideways at ${width} px`, async ({ owner, outsider }) => {
    const [olive, alice] = [await owner(), await outsider('Alice')];
    const { page } = olive;
    await alice.api('patch', '/me', { display_name: `Alice ${'of-a-long-name'.repeat(4)}` });
    const room = await channel(olive, [alice]);
    await olive.api('post', '/admin/invites', { expires_in_s: 3600, uses: 1 });
    await page.setViewportSize({ width, height: 800 });
    for (const [path, table] of [
      ['', null],
      ['/rooms', 'Rooms'],
      [`/rooms/${room.id}`, 'Members'],
      ['/users', 'Users'],
      ['/invites', 'Invitations'],
      ['/audit', 'Audit log'],
    ] as const) {
      await page.goto(`${home()}admin${path}`);
      await expect(page.getByText('Loading…')).toHaveCount(0);
      if (table) await expect(page.getByRole('table', { name: table }).getByRole('row').nth(1)).toBeVisible();
      await expectNoSidewaysScroll(page, `/admin${path}`);
    }

    await page.goto(`${home()}admin/rooms/${room.id}`);
    await page.getByRole('button', { name: /^Remove Alice/ }).click();
    await page
      .getByRole('alertdialog')
      .getByRole('button', { name: /^Remove Alice/ })
      .click();
    await expect(page.getByRole('button', { name: /^Remove Alice/ })).toHaveCount(0);

    // A row is a card that tells what each value is; to a screen reader it still is a row of a table.
    await page.goto(`${home()}admin/users`);
    await page.getByLabel('Search by name').fill(alice.username);
    const card = page.getByRole('row', { name: alice.username });
    await expect(card.getByText('Connections')).toBeVisible();
    await expect(page.getByRole('columnheader', { name: 'Connections' })).toHaveCount(1);
    const menu = await card.getByRole('button', { name: /^What to do with/ }).boundingBox();
    expect((menu?.x ?? width) + (menu?.width ?? 0)).toBeLessThanOrEqual(width);
  });
}
