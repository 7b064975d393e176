import type { Room } from '@chirm/client';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { useClient, useSelect } from '../../app/ClientContext';
import { useAction } from '../../lib/useAction';
import { Button } from '../../ui/Button';
import { Problem } from '../../ui/Problem';
import { RoomGlyph } from '../../ui/RoomGlyph';

export function ChannelRow({ room }: { room: Room }) {
  const { t } = useTranslation();
  const { api, store } = useClient();
  const [, navigate] = useLocation();
  const joined = useSelect((state) => (state.rooms[room.id]?.role ?? null) !== null);
  const enter = useAction(async () => {
    if (!joined) store.dispatch({ type: 'room', room: (await api.join(room.id)).room });
    navigate(`/r/${room.id}`);
  });
  return (
    <li className="flex flex-wrap items-center gap-3 rounded-box p-3 hover:bg-hover">
      <RoomGlyph kind={room.kind} />
      <div className="min-w-0 flex-1 leading-snug">
        <p className="truncate font-semibold">{room.name}</p>
        <p dir="auto" className="text-note text-soft">
          {[t('room.members', { count: room.members }), room.topic].filter(Boolean).join(' · ')}
        </p>
      </div>
      <Button look="outline" small onPress={enter.run} isPending={enter.busy}>
        {t(joined ? 'browse.open' : 'browse.join')}
      </Button>
      <Problem failure={enter.failure} className="basis-full" />
    </li>
  );
}
