import type { Client } from '@chirm/client';

const AWAY_MS = 120_000;

/** Hands what the browser knows about network and attention to the client. */
export function watchBrowser(client: Client): () => void {
  let away: ReturnType<typeof setTimeout> | undefined;
  const network = () => client.setNetwork(navigator.onLine);
  const save = () => client.save();
  const attention = () => {
    clearTimeout(away);
    if (document.visibilityState === 'hidden') {
      save();
      away = setTimeout(() => client.setAway(true), AWAY_MS);
    } else {
      client.setAway(false);
      client.retryNow();
    }
  };
  network();
  window.addEventListener('online', network);
  window.addEventListener('offline', network);
  window.addEventListener('pagehide', save);
  document.addEventListener('visibilitychange', attention);
  return () => {
    clearTimeout(away);
    window.removeEventListener('online', network);
    window.removeEventListener('offline', network);
    window.removeEventListener('pagehide', save);
    document.removeEventListener('visibilitychange', attention);
  };
}

/** A connection that was lost and found may lead to a server of another version, which brings its client along. */
export function checkWhenOnline(client: Client, check: () => void): void {
  client.store.subscribe(({ connection }, previous) => {
    if (connection.kind === 'online' && previous.connection.kind !== 'online') check();
  });
}
