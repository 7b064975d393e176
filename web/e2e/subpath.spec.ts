import { test as plain } from '@playwright/test';
import { composer, expect, message, PASSWORD, say } from './people';
import { startServer } from './server';

plain.use({ serviceWorkers: 'allow' });

plain('the first owner sets up a server that is mounted below a path', async ({ page }) => {
  const server = await startServer('/chat/');
  try {
    await page.goto(`${server.url}#setup=${server.setup}`);
    await expect(page.getByRole('heading', { name: 'Set up this server' })).toBeVisible();
    await page.getByLabel('Username').fill('olive');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Create the owner’s account' }).click();
    await page.getByRole('link', { name: 'lobby' }).click();
    await say(page, 'first words');
    await expect(page).toHaveURL(/\/chat\/r\/[\da-f-]+$/);
    expect(page.url()).not.toContain(server.setup);

    await page.reload();
    await expect(message(page, 'first words')).toBeVisible();
    await expect(composer(page)).toBeVisible();
    const scope = await page.evaluate(async () => (await navigator.serviceWorker.ready).scope);
    expect(new URL(scope).pathname).toBe('/chat/');
    await page.getByRole('button', { name: 'Administration' }).click();
    await expect(page).toHaveURL(`${server.url}admin`);
  } finally {
    await server.remove();
  }
});
