/// <reference lib="webworker" />

/** Brings the place that a notification is about to the front: in a page that is open, else in a new one. */
export async function showRoom(worker: ServiceWorkerGlobalScope, data: unknown): Promise<void> {
  const path = pathOf(data);
  if (!path) return;
  const pages = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const page = pages.find((client) => client.url.startsWith(worker.registration.scope));
  if (!page) return void (await worker.clients.openWindow(new URL(`.${path}`, worker.registration.scope)));
  page.postMessage({ open: path });
  await page.focus();
}

function pathOf(data: unknown): string | null {
  return typeof data === 'object' && data !== null && 'path' in data && typeof data.path === 'string'
    ? data.path
    : null;
}
