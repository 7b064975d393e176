import { test as base, expect } from '@playwright/test';
import { startServer } from './server';

export const PASSWORD = 'quiet evening walk';
export const OWNER = 'olive';

const given = process.env.CHIRM_URL;
/** Not in the environment: what one worker puts there, Playwright hands to the workers of projects that come after it. */
let url = given ?? '';

/** Where this worker's server is. */
export const home = (): string => url;

/**
 * Each worker's tests have a server of their own, with its owner, so that workers never meet in the lobby.
 * `CHIRM_URL` names one for all that runs already instead.
 */
export const test = base.extend<object, { ownServer: string }>({
  ownServer: [
    async ({ playwright }, use) => {
      if (given) return use(given);
      const server = await startServer();
      url = server.url;
      const owner = await playwright.request.newContext();
      const answer = await owner.post(`${server.url}api/v1/auth/register`, {
        headers: { 'X-Requested-With': 'chirm' },
        data: { username: OWNER, display_name: 'Olive', password: PASSWORD, setup: server.setup },
      });
      expect(answer.ok(), await answer.text()).toBe(true);
      await owner.dispose();
      await use(server.url);
      await server.remove();
    },
    { scope: 'worker', auto: true },
  ],
});
