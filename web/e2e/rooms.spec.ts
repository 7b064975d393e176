import { channel, composer, expect, go, message, post, test } from './people';

const nav = { name: 'Rooms' };

test('rooms stand in sections, the latest first; favourites are mine on every device', async ({ enter }) => {
  const alice = await enter('Alice');
  const [first, second] = [await channel(alice), await channel(alice)];
  const { page } = alice;
  const list = page.getByRole('navigation', nav);
  const order = async (section: string) =>
    (await list.getByRole('region', { name: section }).getByRole('link').allTextContents()).map((text) => text.trim());
  await expect(list.getByRole('link', { name: second.name })).toBeVisible();
  await post(alice, first.id, ['now this one is the latest']);
  await expect.poll(async () => (await order('Channels and groups'))[0]).toContain(first.name);

  // Known to the server, not only to the page: it is the same after a reload, before anything was opened.
  await page.reload();
  await expect.poll(async () => (await order('Channels and groups'))[0]).toContain(first.name);

  await list.getByRole('link', { name: second.name }).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Add to favourites' }).click();
  await expect.poll(() => order('Favourites')).toEqual([second.name]);
  await page.reload();
  await expect.poll(() => order('Favourites')).toEqual([second.name]);
  expect((await order('Channels and groups')).join()).not.toContain(second.name);
});

test('a room is marked as unread on this device, and all of them as read', async ({ enter, outsider }) => {
  const [alice, bob] = [await enter('Alice'), await outsider('Bob')];
  const [room, quiet] = [await channel(alice, [bob]), await channel(alice, [bob])];
  const { page } = alice;
  const link = page.getByRole('navigation', nav).getByRole('link', { name: room.name });
  await go(page, room.name);
  await post(bob, room.id, ['one', 'two', 'three']);
  await expect(message(page, 'three')).toBeVisible();
  await message(page, 'two').hover();
  await message(page, 'two').getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Mark as unread from here' }).click();
  await go(page, quiet.name);
  await expect(link).toContainText('Marked as unread');
  await page.reload();
  await expect(link).toContainText('Marked as unread');
  await link.click();
  const divider = page.getByRole('heading', { name: 'New', exact: true });
  await expect(divider).toBeVisible();
  expect(await divider.evaluate((h) => h.parentElement?.nextElementSibling?.textContent)).toContain('two');
  await expect(link).not.toContainText('Marked');

  await go(page, 'lobby');
  await post(bob, room.id, ['four']);
  await post(bob, quiet.id, ['five', 'six']);
  await expect(link).toContainText('1 unread');
  await page.keyboard.press('Shift+Escape');
  await expect(page.getByText(/unread message/)).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Mark all as read' })).toHaveCount(0);
  await page.reload();
  await expect(link).toBeVisible();
  await expect(page.getByText(/unread message/)).toHaveCount(0);
});

test('what was begun elsewhere shows in the list; leaving is asked first', async ({ enter }) => {
  const alice = await enter('Alice');
  const room = await channel(alice);
  const { page } = alice;
  const link = page.getByRole('navigation', nav).getByRole('link', { name: room.name });
  await go(page, room.name);
  await composer(page).pressSequentially('begun');
  await go(page, 'lobby');
  await expect(link.getByLabel('Draft')).toBeVisible();
  await page.reload();
  await expect(link.getByLabel('Draft')).toBeVisible();

  await link.hover();
  await page.getByRole('button', { name: `What to do with ${room.name}` }).click();
  await page.getByRole('menuitem', { name: 'Leave' }).click();
  await expect(page.getByRole('alertdialog', { name: `Leave ${room.name}?` })).toBeVisible();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(link).toBeVisible();
});

test('a room that could not be loaded is not called missing, and is there after another try', async ({
  enter,
  outsider,
}) => {
  const [alice, bob] = [await enter('Alice'), await outsider('Bob')];
  const room = await channel(bob);
  const { page } = alice;
  let away = true;
  await page.route(`**/api/v1/rooms/${room.id}`, (route) =>
    away ? route.fulfill({ status: 503, body: 'upstream is away' }) : route.continue(),
  );
  await page.goto(new URL(`/r/${room.id}`, page.url()).href);
  await expect(page.getByText('The room could not be loaded')).toBeVisible();
  await expect(page.getByText('No such room')).toHaveCount(0);
  away = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('button', { name: 'Join this channel' })).toBeVisible();

  await page.goto(new URL(`/r/${crypto.randomUUID()}`, page.url()).href);
  await expect(page.getByText('No such room')).toBeVisible();
});
