import type { Room } from '@chirm/client';
import { roomTitle } from '../rooms/roomName';

const MOST = 12;

/** Rooms whose name has the letters: at its beginning first, then anywhere. Without letters, what waits to be read first. */
export function matching(rooms: readonly Room[], query: string): Room[] {
  const wanted = query.trim().toLowerCase().replace(/^[#@]/, '');
  const rank = (room: Room) => {
    const text = `${roomTitle(room)} ${room.peer?.username ?? ''}`.toLowerCase();
    if (!wanted) return room.unread > 0 ? 0 : 1;
    if (text.split(/[\s._-]+/).some((word) => word.startsWith(wanted)) || text.startsWith(wanted)) return 0;
    return text.includes(wanted) ? 1 : 2;
  };
  return rooms
    .map((room, i) => ({ room, i, rank: rank(room) }))
    .filter((entry) => entry.rank < 2)
    .sort((a, b) => a.rank - b.rank || a.i - b.i)
    .slice(0, MOST)
    .map((entry) => entry.room);
}
