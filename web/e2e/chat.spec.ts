import { channel, composer, expect, go, message, messages, post, say, test } from './people';

test('two people talk: messages, ticks, typing', async ({ enter }) => {
  const [alice, bob] = [await enter('Alice'), await enter('Bob')];
  const room = await channel(alice, [bob]);
  await go(alice.page, room.name);
  await go(bob.page, room.name);

  await composer(bob.page).pressSequentially('hm');
  await expect(alice.page.getByText('Bob is typing…')).toBeVisible();
  await composer(bob.page).fill('');

  await composer(alice.page).fill('Hello **Bob**');
  await composer(alice.page).press('Enter');
  await expect(message(bob.page, 'Hello Bob')).toBeVisible();
  await expect(message(bob.page, 'Hello Bob').locator('strong')).toHaveText('Bob');
  await bob.page.bringToFront();
  await expect(message(alice.page, 'Hello Bob').locator('[data-delivery=read]')).toBeVisible();

  await say(bob.page, 'Hello Alice');
  await expect(message(alice.page, 'Hello Alice')).toHaveCount(1);
});

test('unread messages are counted, mentions look different, and reading begins at the first', async ({ enter }) => {
  const [alice, bob] = [await enter('Alice'), await enter('Bob')];
  const room = await channel(alice, [bob]);
  await go(bob.page, 'lobby');
  await post(alice, room.id, ['one', 'two']);
  const link = bob.page.getByRole('link', { name: room.name });
  await expect(link).toContainText('2 unread messages');
  await post(alice, room.id, [`@${bob.username} three`]);
  await expect(link).toContainText('1 mention of you');
  await expect(bob.page).toHaveTitle(/^\(\d+\)/);
  await expect(bob.page.locator('link[rel=icon]')).toHaveAttribute('href', /icon-unread/);

  await link.click();
  await expect(bob.page.getByRole('heading', { name: 'New', exact: true })).toBeVisible();
  await expect(message(bob.page, 'three').locator('.mention-me')).toBeVisible();
  await expect(link).not.toContainText('unread');
  // It stays while the room is open, and goes with Esc.
  await expect(bob.page.getByRole('heading', { name: 'New', exact: true })).toBeVisible();
  await messages(bob.page).getByRole('article').last().focus();
  await bob.page.keyboard.press('Escape');
  await expect(bob.page.getByRole('heading', { name: 'New', exact: true })).toBeHidden();
});

test('a direct conversation is found by name and reaches the other at once', async ({ enter }) => {
  const [alice, bob] = [await enter('Alice'), await enter('Bob')];
  await alice.page.getByRole('button', { name: 'New message' }).first().click();
  await alice.page.getByLabel('Name or username').fill(bob.username);
  await alice.page.getByRole('dialog').getByRole('button', { name: bob.username }).click();
  await expect(alice.page.getByRole('heading', { level: 1, name: 'Bob' })).toBeVisible();
  await say(alice.page, 'Just between us');

  await go(bob.page, 'Alice');
  await expect(message(bob.page, 'Just between us')).toBeVisible();
});

test('a group: made, people added, made admin, removed, renamed, left', async ({ enter }) => {
  const [alice, bob, carol] = [await enter('Alice'), await enter('Bob'), await enter('Carol')];
  const { page } = alice;
  await page.getByRole('button', { name: 'New', exact: true }).click();
  await page.getByRole('menuitem', { name: 'New group' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Picnic');
  await page.getByLabel('Name or username').fill(bob.username);
  await page.getByRole('list', { name: 'People found' }).getByRole('button', { name: bob.username }).click();
  await page.getByRole('button', { name: 'Create group' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Picnic' })).toBeVisible();
  await go(bob.page, 'Picnic');

  await page.getByRole('button', { name: 'Show details' }).click();
  const details = page.getByRole('complementary', { name: /^Details of/ });
  await details.getByRole('button', { name: 'Add people' }).click();
  await page.getByLabel('Name or username').fill(carol.username);
  await page.getByRole('list', { name: 'People found' }).getByRole('button', { name: carol.username }).click();
  await page.getByRole('button', { name: 'Add 1 person' }).click();
  await go(carol.page, 'Picnic');
  await say(carol.page, 'I bring cake');
  await expect(message(page, 'I bring cake')).toBeVisible();

  await details.getByRole('button', { name: 'What to do with Bob' }).click();
  await page.getByRole('menuitem', { name: 'Make admin' }).click();
  await expect(details.getByText('Admin', { exact: true })).toBeVisible();

  await details.getByRole('button', { name: 'Edit name and topic' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Big picnic');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(bob.page.getByRole('heading', { level: 1, name: 'Big picnic' })).toBeVisible();

  await details.getByRole('button', { name: 'What to do with Carol' }).click();
  await page.getByRole('menuitem', { name: 'Remove from this room' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove Carol' }).click();
  await expect(carol.page.getByRole('link', { name: 'Big picnic' })).toHaveCount(0);

  await bob.page.getByRole('button', { name: 'Show details' }).click();
  await bob.page.getByRole('button', { name: 'Leave' }).click();
  await bob.page
    .getByRole('alertdialog')
    .getByRole('button', { name: /^Leave / })
    .click();
  await expect(bob.page.getByRole('link', { name: 'Big picnic' })).toHaveCount(0);
});

test('a public channel is browsed, joined, and entered by its address', async ({ enter }) => {
  const [alice, bob] = [await enter('Alice'), await enter('Bob')];
  const room = await channel(alice);
  await bob.page.getByRole('button', { name: 'Browse channels' }).first().click();
  await bob.page.getByLabel('Search channels').fill(room.name);
  await bob.page.getByRole('listitem').filter({ hasText: room.name }).getByRole('button', { name: 'Join' }).click();
  await expect(composer(bob.page)).toBeVisible();

  const carol = await enter('Carol');
  await carol.page.goto(alice.page.url().replace(/\/r\/.*/, `/r/${room.id}`));
  await carol.page.getByRole('button', { name: 'Join this channel' }).click();
  await expect(composer(carol.page)).toBeVisible();
});

test('a name is completed after an at-sign, by keyboard', async ({ enter, outsider }) => {
  const [alice, bob] = [await enter('Alice'), await outsider('Bob')];
  const room = await channel(alice, [bob]);
  await go(alice.page, room.name);
  await composer(alice.page).pressSequentially(`ask @${bob.username.slice(0, 5)}`);
  await expect(alice.page.getByRole('option', { name: /Bob/ })).toBeVisible();
  await alice.page.keyboard.press('Enter');
  await expect(composer(alice.page)).toHaveValue(`ask @${bob.username} `);
});

test('a reply quotes what it answers and leads there', async ({ enter }) => {
  const alice = await enter('Alice');
  const room = await channel(alice);
  await go(alice.page, room.name);
  await say(alice.page, 'Who brings the canoe?');
  await message(alice.page, 'Who brings the canoe?').hover();
  await alice.page.getByRole('button', { name: 'Reply' }).click();
  await say(alice.page, 'I do');
  const answer = message(alice.page, 'I do');
  await expect(answer.getByRole('link')).toContainText('Who brings the canoe?');
  await answer.getByRole('link').click();
  await expect(alice.page).toHaveURL(/\/1$/);
});

test('a draft waits in its room, also over a reload', async ({ enter }) => {
  const alice = await enter('Alice');
  const room = await channel(alice);
  await go(alice.page, room.name);
  await composer(alice.page).fill('not yet');
  await go(alice.page, 'lobby');
  await expect(composer(alice.page)).toHaveValue('');
  await go(alice.page, room.name);
  await expect(composer(alice.page)).toHaveValue('not yet');
  await alice.page.reload();
  await expect(composer(alice.page)).toHaveValue('not yet');
});
