/// <reference lib="webworker" />
import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching';
import { registerRoute } from 'workbox-routing';
import { isClientAddress } from './addresses';
import { showRoom } from './notifications';

declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: { url: string; revision: string | null }[] };

/** Every file of the client, so that it opens without a network. Nothing else is ever kept: what the server says is in the page's own store. */
precacheAndRoute(self.__WB_MANIFEST);
cleanupOutdatedCaches();

const scope = new URL(self.registration.scope).pathname;
registerRoute(
  ({ request, url, sameOrigin }) => sameOrigin && request.mode === 'navigate' && isClientAddress(url.pathname, scope),
  createHandlerBoundToURL('index.html'),
);

// A new version waits until somebody asks for it: reloading takes the page away from under what is being written.
self.addEventListener('message', (event) => {
  if (event.data === 'take_over') void self.skipWaiting();
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(showRoom(self, event.notification.data));
});
