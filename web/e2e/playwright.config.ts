import { defineConfig } from '@playwright/test';

/** Runs against real servers in temporary folders, one a worker; see ownServer.ts. */
export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  // No test needs another one of its file, and so no worker is left alone with a long file at the end.
  fullyParallel: true,
  workers: 2,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 8_000 },
  reporter: [['list']],
  projects: [
    { name: 'together', testIgnore: 'speed.spec.ts' },
    // What is measured has the machine for itself.
    { name: 'alone', testMatch: 'speed.spec.ts', dependencies: ['together'] },
  ],
  use: {
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      // The sandbox needs rights that containers do not give.
      args: [
        '--no-sandbox',
        `--disable-features=${[
          // A page that the test hands in counts as public, and such a page may not open sockets to this machine.
          'LocalNetworkAccessChecks',
          'LocalNetworkAccessChecksWebSockets',
          // Pages of the browser's own, two for each window, below an address bar that nobody sees.
          'WebUIOmniboxPopup',
          'WebUIOmniboxAimPopup',
        ].join()}`,
      ],
    },
    // Allowed where it is what is tried: it would keep the whole client anew for each person of each test.
    serviceWorkers: 'block',
    viewport: { width: 1280, height: 800 },
    // Pictures of each moment would take a quarter of the machine; the snapshots of the document show the same.
    trace: { mode: 'retain-on-failure', screenshots: false },
  },
});
