import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { channel, composer, expect, go, home, message, post, test } from './people';

/** `part`: only what is new on the page, where the rest was looked at before. */
async function clean(page: Page, what: string, part?: string): Promise<void> {
  const builder = new AxeBuilder({ page });
  const { violations } = await (part ? builder.include(part) : builder)
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(' | ')}`);
  expect(told, what).toEqual([]);
}

for (const theme of ['light', 'dark', 'contrast'] as const) {
  test(`no barrier in the ${theme} theme`, async ({ owner, outsider, context }) => {
    // Every screen and dialog, each looked at closely.
    test.setTimeout(180_000);
    const outside = await context.newPage();
    await outside.addInitScript(
      (chosen) => localStorage.setItem('chirm-preferences', chosen),
      JSON.stringify({ theme }),
    );
    await outside.goto(home());
    await expect(outside.getByRole('button', { name: 'Sign in' })).toBeVisible();
    await clean(outside, 'sign in');
    await outside.getByRole('button', { name: 'Create an account' }).click();
    await clean(outside, 'register');
    await outside.close();

    const [bob, olive] = [await outsider('Bob'), await owner()];
    const room = await channel(olive, [bob]);
    await post(bob, room.id, [
      '# Title\n\n- a\n- b\n\n`code` and https://example.org',
      `@olive hello`,
      '> quote\n\n```ts\n// why\nconst code: string = "a" + 1;\n```',
    ]);
    const { page } = olive;
    await page.addInitScript((chosen) => localStorage.setItem('chirm-preferences', chosen), JSON.stringify({ theme }));
    await page.reload();
    await go(page, room.name);
    await expect(message(page, 'hello')).toBeVisible();
    await expect(page.locator('.code-keyword').first()).toHaveText('const');
    await message(page, 'hello').hover();
    await clean(page, 'room');
    await composer(page).pressSequentially('@bo');
    await expect(page.getByRole('option').first()).toBeVisible();
    await clean(page, 'mentions', '[role=listbox]');
    await composer(page).fill('');
    await page.getByRole('button', { name: 'Emoji' }).click();
    await expect(page.getByRole('gridcell').first()).toBeVisible();
    await clean(page, 'emoji', '[role=dialog]');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Show details' }).click();
    await expect(page.getByRole('complementary', { name: /^Details of/ })).toBeVisible();
    // The pointer is still on the button, whose tooltip belongs to no part of the page.
    await page.mouse.move(1, 1);
    await expect(page.getByRole('tooltip')).toHaveCount(0);
    await clean(page, 'details', 'aside');
    for (const [path, name] of [
      ['/browse', 'Channels'],
      ['/settings', 'Settings'],
      ['/admin', 'Administration'],
      ['/admin/rooms', 'Administration'],
      ['/admin/users', 'Administration'],
      ['/admin/invites', 'Administration'],
      ['/admin/audit', 'Administration'],
    ] as const) {
      await page.goto(new URL(path, page.url()).href);
      await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
      await expect(page.getByText('Loading…')).toHaveCount(0);
      await clean(page, path);
    }
  });
}

/** The keys, or the presses, that open each dialog. */
const DIALOGS: [name: string, open: (page: Page) => Promise<void>][] = [
  ['Jump to a room or person', (page) => page.keyboard.press('Control+k')],
  ['Keyboard shortcuts', (page) => page.keyboard.press('Control+/')],
  ...['New message', 'New group', 'New channel'].map((entry): [string, (page: Page) => Promise<void>] => [
    entry,
    async (page) => {
      await page.getByRole('banner').getByRole('button', { name: 'New', exact: true }).click();
      await page.getByRole('menuitem', { name: entry }).click();
    },
  ]),
  ...['Edit name and topic', 'Add people', 'Leave'].map((button): [string, (page: Page) => Promise<void>] => [
    button,
    (page) => page.getByRole('complementary').getByRole('button', { name: button }).click(),
  ]),
];

test('no barrier in the dialogs, by day and by night', async ({ enter }) => {
  test.setTimeout(180_000);
  const alice = await enter('Alice');
  const { page } = alice;
  // Colours that are on their way from one theme to the other are neither's.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const room = await channel(alice);
  await go(page, room.name);
  await page.getByRole('button', { name: 'Show details' }).click();
  const dialog = page.locator('[role=dialog], [role=alertdialog]');
  for (const [name, open] of DIALOGS) {
    await open(page);
    await expect(dialog.getByRole('heading', { name })).toBeVisible();
    for (const theme of ['light', 'dark']) {
      await page.locator('html').evaluate((html, chosen) => {
        html.dataset.theme = chosen;
      }, theme);
      await page.waitForFunction(() => document.getAnimations().length === 0);
      await clean(page, `${name}, ${theme}`, '[role=dialog], [role=alertdialog]');
    }
    await page.keyboard.press('Escape');
    await expect(dialog).toHaveCount(0);
  }
});
