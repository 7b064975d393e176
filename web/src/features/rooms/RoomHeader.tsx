import type { Room } from '@chirm/client';
import { ArrowLeft, PanelRight } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { useSelect } from '../../app/ClientContext';
import { ago } from '../../lib/time';
import { Avatar } from '../../ui/Avatar';
import { IconButton } from '../../ui/IconButton';
import { RoomGlyph } from '../../ui/RoomGlyph';
import { JumpToDate } from './JumpToDate';
import { useRoomName } from './roomName';

export function RoomHeader({ room, info }: { room: Room; info: boolean }) {
  const { t } = useTranslation();
  const [, navigate] = useLocation();
  const name = useRoomName(room);
  return (
    <header className="flex min-h-15 items-center gap-1.5 border-line border-b px-1.5 pt-[env(safe-area-inset-top)] md:gap-3 md:px-5">
      <IconButton icon={ArrowLeft} label={t('nav.back')} onPress={() => navigate('/')} className="md:hidden" />
      {/* On the narrowest phones the name needs the place. */}
      <span className="max-[22.5rem]:hidden">
        {room.peer ? <Avatar id={room.peer.id} name={name} /> : <RoomGlyph kind={room.kind} />}
      </span>
      <div className="min-w-0 flex-1 leading-tight">
        <h1 dir="auto" className="truncate font-bold text-base">
          {name}
        </h1>
        <Subtitle room={room} />
      </div>
      <JumpToDate room={room} />
      <IconButton
        icon={PanelRight}
        label={info ? t('room.hide_info') : t('room.show_info')}
        onPress={() => navigate(info ? `/r/${room.id}` : `/r/${room.id}/info`, { replace: info })}
        className={info ? 'bg-accent-soft text-on-accent-soft' : ''}
      />
    </header>
  );
}

/** The topic; without one, how many there are, or when the other was here. */
function Subtitle({ room }: { room: Room }) {
  const { t } = useTranslation();
  const presence = useSelect((state) => (room.peer ? state.presence[room.peer.id] : undefined));
  if (room.topic) {
    return (
      <p dir="auto" className="truncate text-note text-soft">
        {room.topic}
      </p>
    );
  }
  const seen = presence?.last_seen ?? room.peer?.last_seen;
  const text = !room.peer
    ? t('room.members', { count: room.members })
    : presence && presence.state !== 'offline'
      ? t(`presence.${presence.state}`)
      : seen
        ? t('presence.last_seen', { ago: ago(Date.parse(seen)) })
        : `@${room.peer.username}`;
  return <p className="truncate text-note text-soft">{text}</p>;
}
