import type { Message, Room } from '@chirm/client';
import type { Preferences } from '../../app/preferences';

/** Whether a message calls me while I look elsewhere. A muted room calls only who is mentioned, as its badge does. */
export function isWorthNotice(
  message: Message,
  room: Room | undefined,
  me: string,
  level: Preferences['notify'],
): boolean {
  if (level === 'off' || !room || message.author === me || message.deleted_at || room.archived_at) return false;
  if (message.mentions?.includes(me)) return true;
  return !room.muted && (level === 'all' || room.kind === 'direct');
}
