import type { Room } from '@chirm/client';

/** Whether I may rename, invite, remove and archive here; the server decides in the end. */
export function mayManageRoom(room: Room): boolean {
  return room.kind !== 'direct' && (room.role === 'owner' || room.role === 'admin');
}
