import { test as plain } from '@playwright/test';
import { composer, expect, message, PASSWORD, say } from './people';
import { startServer } from './server';

plain('a restart of the server is told, waited for, and loses nothing', async ({ page }) => {
  const server = await startServer();
  try {
    // On the machine itself the first one needs no link.
    await page.goto(server.url);
    await expect(page.getByRole('heading', { name: 'Set up this server' })).toBeVisible();
    await page.getByLabel('Username').fill('olive');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Create the owner’s account' }).click();
    await page.getByRole('link', { name: 'lobby' }).click();
    await say(page, 'before');

    await server.stop();
    await expect(page.getByText(/The server restarts|No connection|Connecting/).first()).toBeVisible();
    await say(page, 'meanwhile');
    await expect(message(page, 'meanwhile').locator('[data-delivery=waiting]')).toBeVisible();

    await server.start();
    await expect(page.locator('[data-delivery=waiting]')).toHaveCount(0, { timeout: 30_000 });
    await page.reload();
    await expect(composer(page)).toBeVisible();
    for (const text of ['before', 'meanwhile']) await expect(message(page, text)).toHaveCount(1);
  } finally {
    await server.remove();
  }
});
