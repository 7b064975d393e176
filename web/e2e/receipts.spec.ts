import { channel, expect, go, message, outsider, say, test } from './people';

test('who has read: some faces, the number of the others, and the whole list', async ({ enter, playwright }) => {
  const alice = await enter('Alice');
  const room = await channel(alice);
  const others = await Promise.all(
    ['Bob', 'Carol', 'Dave', 'Erin', 'Fay', 'Gus'].map((name) => outsider(playwright, name)),
  );
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

test('ticks are right after a time without a connection', async ({ enter, playwright }) => {
  const alice = await enter('Alice');
  const bob = await outsider(playwright, 'Bob');
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
