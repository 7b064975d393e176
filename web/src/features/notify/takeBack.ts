import type { State } from '@chirm/client';

/**
 * Closes the notifications of messages that were read. By their numbers, not by whether their room has anything unread: what this tab knows of the room
 * may be older than a message that another tab has just told of.
 */
export async function takeBack(
  ready: Promise<Pick<ServiceWorkerRegistration, 'getNotifications'>>,
  rooms: State['rooms'],
) {
  for (const notification of await (await ready).getNotifications()) {
    const { room, seq } = notification.data ?? {};
    if ((rooms[room]?.read_seq ?? -1) >= seq) notification.close();
  }
}
