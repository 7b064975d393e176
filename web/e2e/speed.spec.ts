import type { Page } from '@playwright/test';
import { channel, composer, expect, flood, go, message, test, withoutClient } from './people';

const MANY = 10_000;
const BURST = 1_000;
/** From a key to its letter, and from a click on a room to its messages, on the screen. */
const KEY_MS = 50;
const SWITCH_MS = 100;

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
