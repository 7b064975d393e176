import { type Joined, joins, type Message, type Room } from '@chirm/client';
import { useMemo } from 'react';
import { useSelect } from '../../app/ClientContext';

const NOBODY: readonly Joined[] = [];

interface Reach {
  /** The stretch begins where the room begins. */
  fromStart: boolean;
  /** It ends where the room ends now. */
  live: boolean;
}

/** Who came in while what is shown was written. */
export function useJoined(room: Room, shown: readonly Message[], { fromStart, live }: Reach): readonly Joined[] {
  const members = useSelect((state) => state.members[room.id]);
  const { created_at, kind } = room;
  const from = fromStart ? undefined : shown[0]?.created_at;
  const to = live ? undefined : shown.at(-1)?.created_at;
  return useMemo(
    () => (members && kind !== 'direct' ? joins({ created_at }, members, { from, to }) : NOBODY),
    [members, kind, created_at, from, to],
  );
}
