import { channel, expect, go, message, say, test } from './people';

test('who has read: some faces, the number of the others, and the whole list', async ({ enter, outsider }) => {
  const alice = await enter('Alice');
  const room = await channel(alice);
  const others = await Promise.all(['Bob', 'Carol', 'Dave', 'Erin', 'Fay', 'Gus'].map((name) => outsider(name)));
  for (const other of others) await other.api('post', `/rooms/${room.id}/join`);
  await go(alice.page, room.name);
  await say(alice.page, 'hello all');
  const mine = message(alice.page, 'hello all');
  await expect(mine.locator('[data-delivery=sent]')).toBeVisible();
  for (const other of others) await other.api('put', `/rooms/${room.id}/read`, { seq: 1 });
  await expect(mine.locator('[data-delivery=read]')).toBeVisible();
  const readers = mine.getByRole('button', { name: /^Read up to here/ });
  await expect(readers).toContainText('+2');
  // Behind Enter stand the message's actions, however many readers there are.
  await mine.focus();
  await alice.page.keyboard.press('Enter');
  await expect(mine.getByRole('button', { name: 'Reply' })).toBeFocused();
  await readers.click();
  const dialog = alice.page.getByRole('dialog', { name: 'Who has read this' });
  for (const { name } of others) await expect(dialog.getByText(name)).toBeVisible();
});

test('ticks are right after a time without a connection', async ({ enter, outsider }) => {
  const alice = await enter('Alice');
  const bob = await outsider('Bob');
  const room = await channel(alice);
  await bob.api('post', `/rooms/${room.id}/join`);
  await go(alice.page, room.name);
  await say(alice.page, 'one');
  await say(alice.page, 'two');
  await expect(message(alice.page, 'two').locator('[data-delivery=sent]')).toBeVisible();
  await alice.page.context().setOffline(true);
  await expect(alice.page.getByText('This device is offline.')).toBeVisible();
  await bob.api('put', `/rooms/${room.id}/read`, { seq: 1 });
  await alice.page.context().setOffline(false);
  await expect(message(alice.page, 'one').locator('[data-delivery=read]')).toBeVisible();
  await expect(message(alice.page, 'two').locator('[data-delivery=sent]')).toBeVisible();
});

test('what somebody read, and when they were here, is told only if they want it', async ({ enter }) => {
  const [alice, bob] = [await enter('Alice'), await enter('Bob')];
  const made = await alice.api<{ room: { id: string } }>('post', '/direct', { user: bob.username });
  const shares = (name: string) => bob.page.getByRole('switch', { name });
  await bob.page.getByRole('button', { name: 'Settings' }).click();
  for (const name of ['Others see what I have read', 'Others see when I was last here']) {
    await expect(shares(name)).toBeChecked();
    // As somebody would: the field itself is hidden under what stands for it.
    await bob.page.getByText(name).click();
    await expect(shares(name)).not.toBeChecked();
  }
  await bob.page.reload();
  await expect(shares('Others see what I have read')).not.toBeChecked();
  await expect(shares('Others see when I was last here')).not.toBeChecked();

  await go(alice.page, 'Bob');
  await say(alice.page, 'for you alone');
  await bob.page.getByRole('link', { name: 'Alice' }).click();
  await expect(message(bob.page, 'for you alone')).toBeVisible();
  // He has read it, as his own page knows, and hers does not.
  await expect(bob.page.getByRole('link', { name: 'Alice' })).not.toContainText('unread');
  await expect
    .poll(async () => (await bob.api<{ room: { unread: number } }>('get', `/rooms/${made.room.id}`)).room.unread)
    .toBe(0);
  const mine = message(alice.page, 'for you alone');
  await expect(mine.locator('[data-delivery=delivered]')).toBeVisible();
  await say(bob.page, 'an answer');
  await expect(message(alice.page, 'an answer')).toBeVisible();
  await expect(mine.locator('[data-delivery=delivered]')).toBeVisible();

  await bob.page.close();
  // Where nothing is known of when, the name stands instead.
  await expect(alice.page.locator('main header')).toContainText(`@${bob.username}`);
});
