import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { BrowserContext } from '@playwright/test';

const folder = process.env.CHIRM_DIST ? resolve(import.meta.dirname, '..', process.env.CHIRM_DIST) : null;

/**
 * With `CHIRM_DIST=dist` the pages come from that folder instead of from the binary, so that a change of the client can
 * be tried without compiling the server again. The server's headers stay: the page lives under the real policy.
 */
export async function serveDist(context: BrowserContext): Promise<void> {
  if (!folder) return;
  await context.route(
    (url) => !/^\/(api|ws)(\/|$)/.test(url.pathname),
    async (route) => {
      const asset = join(folder, new URL(route.request().url()).pathname);
      const isDocument = route.request().resourceType() === 'document';
      // As the server does it: the page's own addresses must hold at any depth.
      const page = readFileSync(join(folder, 'index.html'), 'utf8').replaceAll('="./', '="/');
      if (isDocument) await route.fulfill({ response: await route.fetch(), body: page });
      else if (existsSync(asset)) await route.fulfill({ path: asset });
      else await route.continue();
    },
  );
}
