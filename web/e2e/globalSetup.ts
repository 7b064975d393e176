import { startServer } from './server';

/** One server for all tests, with its owner. `CHIRM_URL` names one that runs already instead. */
export default async function globalSetup(): Promise<() => Promise<void>> {
  if (process.env.CHIRM_URL) return async () => {};
  const server = await startServer();
  process.env.CHIRM_URL = server.url;
  const answer = await fetch(`${server.url}api/v1/auth/register`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Requested-With': 'chirm' },
    body: JSON.stringify({
      username: 'olive',
      display_name: 'Olive',
      password: 'quiet evening walk',
      setup: server.setup,
    }),
  });
  if (!answer.ok) throw new Error(`the owner could not be registered: ${await answer.text()}`);
  return server.remove;
}
