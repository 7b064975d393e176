import { useSyncExternalStore } from 'react';
import { basePath } from './base';

/** A build that waits to take over, or null. */
let waiting: (() => void) | null = null;
const listeners = new Set<() => void>();

function offer(take: () => void): void {
  waiting = take;
  for (const listener of listeners) listener();
}

/** What to call to go over to a newer build, once there is one. It reloads the page, and is never called but by a press. */
export function useUpdate(): (() => void) | null {
  return useSyncExternalStore(
    (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    () => waiting,
  );
}

/** What of the service worker's interface is used here. */
export type Workers = Pick<ServiceWorkerContainer, 'register' | 'getRegistration' | 'addEventListener'>;

/**
 * Keeps the client on this device, and looks for a newer one whenever `check` is called. Browsers have service workers on
 * secure pages only; elsewhere everything works but opening without a network.
 */
export async function keepClient(workers: Workers | undefined = navigator.serviceWorker): Promise<{ check(): void }> {
  if (!workers) return { check() {} };
  await workers.register(workerUrl(), { scope: `${basePath}/` });
  const registration = await workers.getRegistration(`${basePath}/`);
  if (!registration) return { check() {} };
  const reload = () => location.reload();
  const take = (next: ServiceWorker) => () => {
    // Where no page is under the old one, as on the very first visit, the new one does not wait.
    if (next.state === 'activated') return reload();
    next.addEventListener('statechange', () => next.state === 'activated' && reload());
    next.postMessage('take_over');
  };
  const watch = (next: ServiceWorker | null) => {
    // Where none is active yet, this is the first build on this device, and there is nothing to go over from.
    const ready = () => next?.state === 'installed' && registration.active && offer(take(next));
    ready();
    next?.addEventListener('statechange', ready);
  };
  watch(registration.waiting);
  registration.addEventListener('updatefound', () => watch(registration.installing));
  // Another tab went over: this one runs on, but its parts that are not loaded yet are gone.
  workers.addEventListener('controllerchange', () => offer(reload));
  return { check: () => void registration.update().catch(() => {}) };
}

interface Policies {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

/** The one address that may become code: the policy of the page lets no plain string do so. */
function workerUrl(): string {
  const url = `${basePath}/sw.js`;
  const { trustedTypes } = globalThis as { trustedTypes?: Policies };
  return trustedTypes?.createPolicy('chirm', { createScriptURL: () => url }).createScriptURL(url) ?? url;
}
