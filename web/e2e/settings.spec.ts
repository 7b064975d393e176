import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { channel, composer, expect, go, message, post, test } from './people';

const chosen = (page: Page, group: string, option: string) =>
  page.getByRole('radiogroup', { name: group }).getByRole('radio', { name: option, exact: true });

/** As somebody would: the radio itself is hidden under what stands for it. */
const pick = (page: Page, group: string, option: string) =>
  page.getByRole('radiogroup', { name: group }).getByText(option, { exact: true }).click();

test('what is chosen holds at once, after a reload, and in other tabs', async ({ enter }) => {
  const alice = await enter('Alice');
  const { page } = alice;
  const room = await channel(alice);
  await post(alice, room.id, ['at some time']);
  const second = await page.context().newPage();
  await second.goto(page.url());
  await expect(second.getByRole('navigation', { name: 'Rooms' })).toBeVisible();

  await page.getByRole('button', { name: 'Settings' }).click();
  const root = page.locator('html');
  const size = () => page.evaluate(() => Number.parseFloat(getComputedStyle(document.documentElement).fontSize));
  const before = await size();
  await pick(page, 'Theme', 'Dark');
  await pick(page, 'Density', 'Compact');
  await pick(page, 'Text size', 'Large');
  await pick(page, 'Clock', '24 hours');
  await pick(page, 'Send a message with', 'Ctrl + Enter');
  await expect(root).toHaveCSS('color-scheme', 'dark');
  expect(await size()).toBeCloseTo(before * 1.125, 1);
  await expect(second.locator('html')).toHaveCSS('color-scheme', 'dark');

  await page.reload();
  await expect(chosen(page, 'Density', 'Compact')).toBeChecked();
  await expect(root).toHaveCSS('color-scheme', 'dark');

  await go(page, room.name);
  await expect(message(page, 'at some time').locator('time')).toHaveText(/^\d{1,2}:\d\d$/);
  await composer(page).fill('one');
  await composer(page).press('Enter');
  await composer(page).pressSequentially('two');
  await expect(composer(page)).toHaveValue('one\ntwo');
  await composer(page).press('Control+Enter');
  await expect(message(page, 'two')).toContainText('one');
});

test('single-character shortcuts and announcements can be switched off', async ({ enter, outsider }) => {
  const [alice, bob] = [await enter('Alice'), await outsider('Bob')];
  const { page } = alice;
  const room = await channel(alice, [bob]);
  await page.getByRole('button', { name: 'Settings' }).click();
  const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await page.keyboard.press('?');
  await expect(help).toBeVisible();
  await page.keyboard.press('Escape');
  await pick(page, 'Shortcuts of a single character', 'Off');
  await pick(page, 'Screen readers read', 'Off');
  await page.keyboard.press('?');
  await page.keyboard.press('Control+k');
  // Below an open dialog no shortcut works: that this one did shows that the first one did not.
  await expect(page.getByRole('dialog', { name: 'Jump to a room or person' })).toBeVisible();
  await page.keyboard.press('Escape');

  await go(page, room.name);
  await post(bob, room.id, ['unheard']);
  await expect(message(page, 'unheard')).toBeVisible();
  await page.getByRole('button', { name: 'Settings' }).click();
  await pick(page, 'Screen readers read', 'On');
  await go(page, room.name);
  await post(bob, room.id, ['heard']);
  const announcer = page.getByTestId('announcer');
  await expect(announcer).toContainText('heard');
  await expect(announcer).not.toContainText('unheard');
});

test('German and Arabic are chosen here or by the browser; Arabic runs from right to left', async ({ enter }) => {
  const alice = await enter('Alice', { locale: 'de-AT' });
  const { page } = alice;
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  await page.getByRole('button', { name: 'Einstellungen' }).click();
  await page.getByLabel('Sprache', { exact: true }).selectOption('العربية');
  await expect(page.getByRole('heading', { level: 1, name: 'الإعدادات' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl');
  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: 'الإعدادات' })).toBeVisible();

  await page.getByRole('navigation', { name: 'الغرف' }).getByRole('link', { name: 'lobby' }).click();
  const field = page.getByRole('textbox', { name: /^رسالة إلى/ });
  await field.fill('مرحبًا @everyone, hello');
  await field.press('Enter');
  await expect(message(page, 'مرحبًا')).toBeVisible();
  const side = (await page.getByRole('navigation', { name: 'الغرف' }).boundingBox())?.x ?? 0;
  const main = (await page.getByRole('main').boundingBox())?.x ?? 0;
  expect(side).toBeGreaterThan(main);
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag22aa']).analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
});

test('colours that the system forces leave every choice visible, and its wish for contrast is met', async ({
  enter,
}) => {
  const alice = await enter('Alice', { forcedColors: 'active' });
  const { page } = alice;
  await page.getByRole('button', { name: 'Settings' }).click();
  const background = (option: string) =>
    page
      .getByRole('radiogroup', { name: 'Density' })
      .getByText(option, { exact: true })
      .evaluate((element) => getComputedStyle(element).backgroundColor);
  expect(await background('Cosy')).not.toBe(await background('Compact'));

  // So is where one is, and who is here is told from who is away by what fills the dot.
  const room = page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: 'lobby' });
  await expect(room).toHaveCSS('border-top-width', '0px');
  await room.click();
  await expect(room).toHaveCSS('border-top-width', '2px');
  const filled = (element: Element) => getComputedStyle(element).backgroundColor;
  const dot = page.getByRole('contentinfo').getByRole('img', { name: 'Online' });
  expect(await dot.evaluate(filled)).not.toBe(await page.locator('body').evaluate(filled));

  // Who asked the system for more contrast gets it without a choice here.
  await page.emulateMedia({ forcedColors: 'none', contrast: 'more', colorScheme: 'light' });
  await expect(page.locator('body')).toHaveCSS('background-color', 'oklch(1 0 0)');
});
