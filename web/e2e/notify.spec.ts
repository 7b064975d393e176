import type { BrowserContext, Page } from '@playwright/test';
import { settled, withFront } from './front';
import { channel, expect, go, post, test } from './people';

test.use({ serviceWorkers: 'allow', permissions: ['notifications'] });

/** The browser of a test never hides a page, nor takes the focus from it; so the page is told that it did. */
const look = (page: Page, seen: boolean) =>
  page.evaluate((visible) => {
    Object.defineProperty(document, 'visibilityState', {
      configurable: true,
      get: () => (visible ? 'visible' : 'hidden'),
    });
    document.hasFocus = () => visible;
    document.dispatchEvent(new Event('visibilitychange'));
  }, seen);

/** Whether some tab holds the lock that says that somebody looks: what the tabs tell each other, they tell a moment later. */
const watched = (page: Page) =>
  page.evaluate(async () => {
    const { held = [] } = await navigator.locks.query();
    return held.some(({ name }) => name?.startsWith('chirm-watched'));
  });

/** What a tab has let sound, and what it has asked its browser to show, in the order of asking, whether or not the browser then showed it. */
interface Teller extends Window {
  tones: number;
  told: { title: string; body: string | undefined; silent: boolean | null | undefined; tag: string | undefined }[];
}

const keepTold = (context: BrowserContext) =>
  context.addInitScript(() => {
    const kept = Object.assign(window as unknown as Teller, { told: [], tones: 0 });
    const { told } = kept;
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (when) {
      kept.tones += 1;
      start.call(this, when);
    };
    const show = ServiceWorkerRegistration.prototype.showNotification;
    ServiceWorkerRegistration.prototype.showNotification = function (title, options) {
      told.push({ title, body: options?.body, silent: options?.silent, tag: options?.tag });
      return show.call(this, title, options);
    };
  });

const told = async (...tabs: Page[]) =>
  (await Promise.all(tabs.map((tab) => tab.evaluate(() => (window as unknown as Teller).told)))).flat();

const tones = async (...tabs: Page[]) =>
  (await Promise.all(tabs.map((tab) => tab.evaluate(() => (window as unknown as Teller).tones)))).reduce(
    (sum, each) => sum + each,
  );

const shown = (page: Page) =>
  page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    return (await registration.getNotifications()).map(({ tag }) => tag).sort();
  });

/** What a service worker has that a page has not; the test is compiled as a page. */
interface Worker {
  registration: ServiceWorkerRegistration;
  NotificationEvent: new (type: string, init: { notification: Notification }) => Event;
  dispatchEvent(event: Event): boolean;
}

test('while nobody looks, a message is told once, silently unless a sound was chosen, and leads to its place', async ({
  browser,
  outsider,
}) => {
  const bob = await outsider('Bob');
  const [loud, muted, seen] = [await channel(bob), await channel(bob), await channel(bob)];
  await withFront(async (front) => {
    // Without the routes of the other tests: the front serves the pages.
    const context = await browser.newContext();
    await keepTold(context);
    const page = await context.newPage();
    const username = await settled(page, front);
    for (const { id } of [loud, muted, seen]) {
      await page.evaluate(
        (room) => fetch(`/api/v1/rooms/${room}/join`, { method: 'POST', headers: { 'X-Requested-With': 'chirm' } }),
        id,
      );
    }
    await go(page, muted.name);
    await page.getByRole('button', { name: 'Show details' }).click();
    await page.getByRole('button', { name: 'Mute' }).click();
    await expect(page.getByRole('button', { name: 'Unmute' })).toBeVisible();
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('radiogroup', { name: 'Notify me of' }).getByText('All messages').click();
    await expect(page.getByRole('radio', { name: 'All messages' })).toBeChecked();
    await go(page, 'lobby');
    const second = await context.newPage();
    await second.goto(page.url());
    const unread = (name: string) => second.getByRole('link', { name });

    await expect(unread(seen.name)).toBeVisible();
    for (const tab of [page, second]) await look(tab, false);
    await expect.poll(() => watched(page)).toBe(false);
    // Somebody looks at the other tab.
    await look(second, true);
    await expect.poll(() => watched(page)).toBe(true);
    await post(bob, seen.id, ['seen']);
    await expect(unread(seen.name)).toContainText('1 unread message');
    await look(second, false);
    await expect.poll(() => watched(page)).toBe(false);
    await post(bob, muted.id, ['not worth a word']);
    await post(bob, loud.id, ['**come** and [see](https://example.org)']);
    const called = { title: `Bob in ${loud.name}`, body: 'come and see', silent: true, tag: `/${loud.id}` };
    await expect.poll(() => told(page, second)).toEqual([called]);
    const mention = `@${username} you, though`;
    await post(bob, muted.id, [mention]);
    const both = [called, { ...called, title: `Bob in ${muted.name}`, body: mention, tag: `/${muted.id}` }];
    await expect.poll(() => told(page, second)).toEqual(both);
    await expect.poll(() => shown(page)).toEqual(both.map(({ tag }) => tag).sort());

    await context.serviceWorkers()[0]?.evaluate(async (room) => {
      const worker = globalThis as unknown as Worker;
      const notification = (await worker.registration.getNotifications()).find(({ tag }) => tag.includes(room));
      if (notification) worker.dispatchEvent(new worker.NotificationEvent('notificationclick', { notification }));
    }, loud.id);
    await expect.poll(() => context.pages().map((each) => new URL(each.url()).pathname)).toContain(`/r/${loud.id}/1`);
    await expect.poll(() => shown(page)).toEqual([`/${muted.id}`]);

    // Read on another device, it calls nobody here any more.
    await page.evaluate(
      (room) =>
        fetch(`/api/v1/rooms/${room}/read`, {
          method: 'PUT',
          headers: { 'X-Requested-With': 'chirm', 'Content-Type': 'application/json' },
          body: '{"seq":2}',
        }),
      muted.id,
    );
    await expect.poll(() => shown(page)).toEqual([]);

    // Nothing was heard until now; from here on it is, once for both tabs.
    expect(await tones(page, second)).toBe(0);
    await page.evaluate(() =>
      localStorage.setItem('chirm-preferences', '{"notify":"all","preview":"off","sound":"soft"}'),
    );
    for (const tab of [page, second]) await tab.reload();
    for (const tab of [page, second]) await go(tab, 'lobby');
    for (const tab of [page, second]) await look(tab, false);
    await expect.poll(() => watched(page)).toBe(false);
    await post(bob, seen.id, ['for your eyes only']);
    await expect
      .poll(() => told(page, second))
      .toEqual([{ title: `Bob in ${seen.name}`, body: 'New message', silent: true, tag: `/${seen.id}` }]);
    await expect.poll(() => tones(page, second)).toBe(2);
    await context.close();
  });
});
