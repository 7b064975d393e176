import type { Page } from '@playwright/test';
import { composer, expect, go, say, test } from './people';

const offline = (page: Page) => expect(page.getByText('This device is offline.')).toBeVisible();
const title = 'This part could not be loaded';

test('without a network and a service worker every dialog, the emoji and the settings open', async ({ enter }) => {
  const { page } = await enter('Alice');
  const files = ['EmojiPicker', 'DayPicker', 'SettingsPage', 'BrowsePage', 'AdminPage', 'en'];
  await expect
    .poll(() =>
      page.evaluate(
        (names) =>
          names.filter(
            (name) => !performance.getEntriesByType('resource').some((file) => file.name.includes(`/${name}-`)),
          ),
        files,
      ),
    )
    .toEqual([]);
  await page.context().setOffline(true);
  await offline(page);

  const closed = async (name: string) => {
    await expect(page.getByRole('dialog', { name })).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  };
  await page.keyboard.press('Control+k');
  await closed('Jump to a room or person');
  await page.keyboard.press('Control+/');
  await closed('Keyboard shortcuts');
  await composer(page).fill('/help');
  await composer(page).press('Enter');
  await closed('Commands');
  for (const name of ['New message', 'New group', 'New channel']) {
    await page.getByRole('button', { name: 'New', exact: true }).click();
    await page.getByRole('menuitem', { name }).click();
    await closed(name);
  }
  await page.getByRole('button', { name: 'Emoji' }).click();
  await page.getByRole('dialog', { name: 'Emoji' }).getByRole('searchbox').fill('waving');
  await expect(page.getByRole('gridcell', { name: 'waving hand' })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Settings' }).click();
  await expect(page.getByRole('heading', { name: 'Appearance' })).toBeVisible();
});

test('a part that is out of reach says so in its own place, and comes when it is tried again', async ({ enter }) => {
  const { page } = await enter('Alice');
  const parts = /\/assets\/(EmojiPicker|SettingsPage)-/;
  await page.route(parts, (route) => route.abort());
  await page.reload();
  await go(page, 'lobby');
  await say(page, 'still here');

  await page.getByRole('button', { name: 'Emoji' }).click();
  const picker = page.getByRole('dialog', { name: 'Emoji' });
  await expect(picker.getByRole('alert')).toContainText(title);
  await expect(page.getByText('still here', { exact: true })).toBeVisible();
  await page.unroute(parts);
  await picker.getByRole('button', { name: 'Try again' }).click();
  await expect(picker.getByRole('searchbox')).toBeVisible();
  await page.keyboard.press('Escape');

  await page.route(parts, (route) => route.abort());
  await page.getByRole('button', { name: 'Settings' }).click();
  await expect(page.getByRole('main').getByRole('alert')).toContainText(title);
  await expect(page.getByRole('navigation', { name: 'Rooms' })).toBeVisible();
  await page.unroute(parts);
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('heading', { name: 'Appearance' })).toBeVisible();
});
