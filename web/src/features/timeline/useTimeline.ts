import { queueOf } from '@chirm/client';
import { useCallback, useEffect, useRef } from 'react';
import { useClient, useSelect } from '../../app/ClientContext';

/** One room's messages and unsent messages; fetches what is shown and not yet held. */
export function useTimeline(room: string, seq: number | undefined) {
  const client = useClient();
  const timeline = useSelect((state) => state.timelines[room]);
  const queue = useSelect((state) => queueOf(state.queue, room));
  const online = useSelect((state) => state.connection.kind === 'online');
  const held = timeline?.loaded === true;
  const small = useSelect((state) => (state.rooms[room]?.members ?? 0) <= (state.server?.limits.presence_members ?? 0));

  const arriving = useRef(true);
  const open = useCallback(() => {
    void client.history.open(room, seq, arriving.current);
    arriving.current = false;
  }, [client, room, seq]);
  // `held` is here because a timeline may be dropped under the open room, after the server lost its log's thread.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    if (online) open();
  }, [open, online, held]);

  useEffect(() => {
    if (!online || !small) return;
    client.people.loadMembers(room).catch(() => {});
    client.people.loadPresence(room).catch(() => {});
  }, [client, room, online, small]);

  return { timeline, queue, open };
}
