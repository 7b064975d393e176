import type { Page } from '@playwright/test';
import { channel, composer, expect, go, home, message, type Person, post, test } from './people';

const MANY = 10_000;
const BURST = 1_000;
/** From a key to its letter, and from a click on a room to its messages, on the screen. */
const KEY_MS = 50;
const SWITCH_MS = 100;

/** A page of the same site without the client in it, so that what is measured is the other person's. */
async function withoutClient({ page }: Person): Promise<void> {
  await page.route('**/nothing', (route) => route.fulfill({ contentType: 'text/html', body: '' }));
  await page.goto(`${home()}nothing`);
  await page.evaluate(async () => {
    const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/ws`, 'chirm.v1');
    await new Promise((open) => socket.addEventListener('open', open, { once: true }));
    socket.send(JSON.stringify({ id: 0, op: 'hello' }));
    await new Promise((greeted) => socket.addEventListener('message', greeted, { once: true }));
    Object.assign(window, { socket });
  });
}

/** Sends the messages `from` to `to` at once, and waits until each is stored. */
async function flood({ page }: Person, room: string, from: number, to: number): Promise<void> {
  await page.evaluate(
    ({ room, from, to }) =>
      new Promise<void>((done, failed) => {
        const socket: WebSocket = Reflect.get(window, 'socket');
        let left = to - from + 1;
        socket.onmessage = ({ data }) => {
          const frame = JSON.parse(data);
          if (frame.error) failed(new Error(data));
          else if (frame.ok && --left === 0) done();
        };
        for (let n = from; n <= to; n++) {
          const body = n % 10 ? `line ${n} of many` : `line ${n} of **many**, with \`code\` and https://example.org`;
          socket.send(JSON.stringify({ id: n, op: 'send', room, client_id: crypto.randomUUID(), body }));
        }
      }),
    { room, from, to },
  );
}

/** How long each key took until its letter was painted, in milliseconds, ascending. */
async function keyLatencies(page: Page, text: string): Promise<number[]> {
  await page.evaluate(() => {
    const took: number[] = [];
    Object.assign(window, { took });
    document.querySelector('#composer')?.addEventListener('input', (event) => {
      requestAnimationFrame(() => setTimeout(() => took.push(performance.now() - event.timeStamp)));
    });
  });
  await composer(page).pressSequentially(text, { delay: 40 });
  await expect.poll(() => page.evaluate(() => Reflect.get(window, 'took').length)).toBe(text.length);
  return page.evaluate(() => Reflect.get(window, 'took').sort((a: number, b: number) => a - b));
}

/** From the click on a room in the list to its last message on the screen, in milliseconds. */
function switchTo(page: Page, name: string, text: string): Promise<number> {
  return page.evaluate(
    async ({ name, text }) => {
      const link = [...document.querySelectorAll<HTMLElement>('nav a')].find((a) => a.textContent?.includes(name));
      const there = () => document.querySelector('#messages article:last-child')?.textContent?.includes(text);
      const start = performance.now();
      link?.click();
      while (!there()) await new Promise(requestAnimationFrame);
      await new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)));
      return performance.now() - start;
    },
    { name, text },
  );
}

// Recording what happens would be measured too.
test.use({ trace: 'off' });

const middle = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;

test('with ten thousand messages loaded, typing and changing rooms stay quick', async ({ enter }, info) => {
  test.setTimeout(180_000);
  const [alice, bob] = [await enter('Alice'), await enter('Bob')];
  const room = await channel(alice, [bob]);
  await withoutClient(bob);
  await go(alice.page, room.name);
  await alice.page.bringToFront();
  // An empty room would open at the first unread of however many come at once; one that shows its end follows it.
  await post(bob, room.id, ['the first']);
  await expect(message(alice.page, 'the first')).toBeInViewport();
  for (let from = 1; from <= MANY; from += BURST) {
    await flood(bob, room.id, from, from + BURST - 1);
    await expect(message(alice.page, `line ${from + BURST - 1} of`)).toBeInViewport({ timeout: 20_000 });
  }

  const keys = await keyLatencies(alice.page, 'the quick brown fox jumps over the lazy dog. ');
  await composer(alice.page).fill('');
  const switches: number[] = [];
  for (let i = 0; i < 7; i++) {
    await go(alice.page, 'lobby');
    switches.push(await switchTo(alice.page, room.name, `line ${MANY} of`));
  }
  const told = (list: number[]) => list.map((ms) => ms.toFixed(0)).join(' ');
  info.annotations.push({ type: 'keys, ms', description: told(keys) });
  info.annotations.push({ type: 'changes of room, ms', description: told(switches) });
  expect(keys[Math.floor(keys.length * 0.9)], 'nine of ten keys').toBeLessThan(KEY_MS);
  expect(middle(switches)).toBeLessThan(SWITCH_MS);
});
