import { settled, withFront } from './front';
import { test } from './ownServer';
import { composer, expect, message, say } from './people';

test.use({ serviceWorkers: 'allow' });

test('the client and the last rooms open without a network, within a second', async ({ page, context }) => {
  await withFront(async (front) => {
    await settled(page, front);
    await say(page, 'written while there was a network');
    await expect(page.locator('[data-delivery=waiting]')).toHaveCount(0);

    await context.setOffline(true);
    // The best of several: other programs on this machine take their time, but nothing waited for makes this quicker.
    await expect(async () => {
      const began = Date.now();
      await page.reload();
      await message(page, 'written while there was a network').waitFor();
      expect(Date.now() - began).toBeLessThan(1_000);
    }).toPass({ timeout: 30_000 });
    // Not every version of a browser tells a page that it was loaded offline.
    await expect(page.getByRole('status').filter({ hasText: /This device is offline|No connection/ })).toBeVisible();
    // A part that was never opened is there as well.
    await page.getByRole('button', { name: 'Settings' }).click();
    await expect(page.getByRole('heading', { name: 'Appearance' })).toBeVisible();

    // What the server says is never kept: offline it is not answered from anywhere.
    const asked = await page.evaluate(() =>
      fetch('/api/v1/me').then(
        () => 'answered',
        () => 'not answered',
      ),
    );
    expect(asked).toBe('not answered');
    const kept = await page.evaluate(async () => {
      const caches = await Promise.all((await window.caches.keys()).map((name) => window.caches.open(name)));
      return (await Promise.all(caches.map((cache) => cache.keys()))).flat().map(({ url }) => new URL(url).pathname);
    });
    expect(kept.length).toBeGreaterThan(10);
    expect(kept.filter((path) => /^\/(api|ws|docs)/.test(path))).toEqual([]);
  });
});

test('a server that takes the call and stays silent keeps nobody from reading and writing', async ({ page }) => {
  await withFront(async (front) => {
    await settled(page, front);
    await say(page, 'written while it answered');
    await expect(page.locator('[data-delivery=waiting]')).toHaveCount(0);

    front.hang(true);
    await expect(async () => {
      const began = Date.now();
      await page.reload();
      await message(page, 'written while it answered').waitFor();
      expect(Date.now() - began).toBeLessThan(1_000);
    }).toPass({ timeout: 30_000 });
    await expect(page.getByText('Connecting…')).toBeVisible();
    await say(page, 'written while it was silent');
    await expect(message(page, 'written while it was silent').locator('[data-delivery=waiting]')).toBeVisible();

    front.hang(false);
    // The client gives up the call after a while and makes another one.
    await expect(page.locator('[data-delivery=waiting]')).toHaveCount(0, { timeout: 30_000 });
    await expect(page.getByText('Connecting…')).toBeHidden();
    await expect(message(page, 'written while it was silent')).toHaveCount(1);
  });
});

test('whoever comes for the first time is told that the server does not answer', async ({ page }) => {
  await withFront(async (front) => {
    front.hang(true);
    await page.goto(front.url);
    await expect(page.getByText('Connecting…')).toBeVisible();
    await expect(page.getByText('The server does not answer')).toBeVisible({ timeout: 20_000 });
    front.hang(false);
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible();
  });
});

test('a newer build is offered, waits for a press, and keeps what is being written', async ({ page }) => {
  await withFront(async (front) => {
    await settled(page, front);
    await composer(page).fill('half a thought');
    const build = page.locator('meta[name=test-build]');

    front.edit('/index.html', (text) => text.replace('</head>', '<meta name="test-build" content="2" /></head>'));
    front.edit('/sw.js', (text) => text.replace(/"revision":"[0-9a-f]+"(?=,"url":"index.html")/, '"revision":"2"'));
    await page.evaluate(async () => void (await (await navigator.serviceWorker.getRegistration())?.update()));

    const offer = page.getByText('A new version of Chirm is ready.');
    await expect(offer).toBeVisible();
    await composer(page).press('End');
    await composer(page).pressSequentially(', and the rest');
    await expect(composer(page)).toHaveValue('half a thought, and the rest');
    await expect(build).toHaveCount(0);

    await page.getByRole('button', { name: 'Reload' }).click();
    await expect(build).toHaveCount(1);
    await expect(composer(page)).toHaveValue('half a thought, and the rest');
    await expect(offer).toHaveCount(0);
  });
});

test('the manifest makes it an app of its own', async ({ page }) => {
  await withFront(async (front) => {
    await page.goto(front.url);
    const session = await page.context().newCDPSession(page);
    const { errors, url } = await session.send('Page.getAppManifest');
    expect({ errors, path: new URL(url).pathname }).toEqual({ errors: [], path: '/manifest.webmanifest' });
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
    // A private window, which every test has, is the one thing that stands against it.
    expect(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== 'in-incognito')).toEqual([]);
  });
});
