import { randomBytes } from 'node:crypto';
import { composer, expect, go, home, PASSWORD, test } from './people';

test('an account is made, left and entered again', async ({ page }) => {
  const username = `carol-${randomBytes(4).toString('hex')}`;
  await page.goto(home());
  await page.getByRole('button', { name: 'Create an account' }).click();
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Name', { exact: true }).fill('Carol');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('link', { name: 'lobby' })).toBeVisible();

  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Sign out', exact: true }).last().click();
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password').fill('wrong password');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByRole('alert')).toContainText('wrong');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByRole('link', { name: 'lobby' })).toBeVisible();
});

test('who signs out is not told on the way that their session ended', async ({ enter }) => {
  const { page } = await enter('Alice');
  const connected = page.waitForEvent('websocket');
  await page.reload();
  const ended = (await connected).waitForEvent('close');
  await page.route('**/auth/logout', async (route) => {
    const response = await route.fetch();
    // The connection hears of it first.
    await ended;
    await route.fulfill({ response });
  });
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.evaluate(() => {
    const told: string[] = [];
    Object.assign(window, { told });
    new MutationObserver(() => {
      const dialog = document.querySelector('[role=dialog], [role=alertdialog]');
      if (dialog) told.push(dialog.textContent ?? '');
    }).observe(document, { subtree: true, childList: true });
  });
  await page.getByRole('button', { name: 'Sign out', exact: true }).last().click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  expect(await page.evaluate(() => (window as unknown as { told: string[] }).told)).toEqual([]);
});

test('what the server says about a field stands at the field', async ({ page }) => {
  await page.goto(home());
  await page.getByRole('button', { name: 'Create an account' }).click();
  await page.getByLabel('Username').fill('No!');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByLabel('Username')).toHaveAttribute('aria-invalid', 'true');
});

test('a guest comes in with a name alone', async ({ page }) => {
  await page.goto(home());
  await page.getByRole('button', { name: 'Come in as a guest' }).click();
  await page.getByLabel('Username').fill(`guest-${randomBytes(4).toString('hex')}`);
  await page.getByRole('button', { name: 'Come in' }).click();
  await expect(page.getByRole('link', { name: 'lobby' })).toBeVisible();
});

test('an ended session asks for the password over the page, and keeps what was being written', async ({
  enter,
  browser,
}) => {
  const alice = await enter('Alice');
  await go(alice.page, 'lobby');
  await composer(alice.page).fill('half a thought');

  const elsewhere = await browser.newContext();
  const headers = { 'X-Requested-With': 'chirm' };
  await elsewhere.request.post(`${home()}api/v1/auth/login`, {
    data: { username: alice.username, password: PASSWORD },
    headers,
  });
  const { sessions } = await (await elsewhere.request.get(`${home()}api/v1/auth/sessions`)).json();
  const other = sessions.find((session: { current: boolean }) => !session.current);
  await elsewhere.request.delete(`${home()}api/v1/auth/sessions/${other.id}`, { headers });
  await elsewhere.close();

  const dialog = alice.page.getByRole('dialog', { name: 'Please sign in again' });
  await expect(dialog).toBeVisible();
  await dialog.getByLabel('Password').fill(PASSWORD);
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await expect(dialog).toBeHidden();
  await expect(composer(alice.page)).toHaveValue('half a thought');
  await composer(alice.page).press('Enter');
  await expect(
    alice.page.getByRole('article').filter({ hasText: 'half a thought' }).locator('[data-delivery=waiting]'),
  ).toHaveCount(0);
});

test('devices are listed and can be signed out', async ({ enter, browser }) => {
  const alice = await enter('Alice');
  const elsewhere = await browser.newContext();
  await elsewhere.request.post(`${home()}api/v1/auth/login`, {
    data: { username: alice.username, password: PASSWORD, device: 'Old phone' },
    headers: { 'X-Requested-With': 'chirm' },
  });
  await alice.page.getByRole('button', { name: 'Settings' }).click();
  await alice.page.getByRole('button', { name: 'Sign out Old phone' }).click();
  await expect(alice.page.getByText('Old phone')).toHaveCount(0);
  await expect(alice.page.getByText('This device', { exact: true })).toBeVisible();
  expect((await elsewhere.request.get(`${home()}api/v1/me`)).status()).toBe(401);
  await elsewhere.close();
});
