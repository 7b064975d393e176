import { channel, composer, expect, go, message, test } from './people';

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
      const overflow = await alice.page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow, path).toBeLessThanOrEqual(0);
    }
  });
}

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
        'button, a[href], select, textarea, input:not([type=radio]), label:has([type=radio])',
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
