import type { Room } from '@chirm/client';
import { Archive, BellOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link, useRoute } from 'wouter';
import { useSelect } from '../../app/ClientContext';
import { cx } from '../../lib/cx';
import { Avatar } from '../../ui/Avatar';
import { UnreadBadge } from '../../ui/Badge';
import { RoomGlyph } from '../../ui/RoomGlyph';
import { useRoomName } from '../rooms/roomName';

export function RoomLink({ room }: { room: Room }) {
  const { t } = useTranslation();
  const [, params] = useRoute('/r/:room/:place?');
  const current = params?.room === room.id;
  const name = useRoomName(room);
  const loud = room.unread > 0 && !room.muted;
  return (
    <Link
      href={`/r/${room.id}`}
      aria-current={current ? 'page' : undefined}
      data-unread={loud || undefined}
      className={cx(
        'flex min-h-10 items-center gap-2.5 rounded-box px-2.5 py-1 outline-offset-[-2px] transition-colors touch:min-h-12',
        current ? 'bg-sheet shadow-[0_0_0_1px_var(--line)]' : 'hover:bg-hover',
        loud ? 'font-bold text-ink' : current ? 'text-ink' : 'text-soft',
        room.archived_at && 'italic',
      )}
    >
      <RoomMark room={room} name={name} />
      <span dir="auto" className="min-w-0 flex-1 truncate">
        {name}
      </span>
      {room.muted && <BellOff role="img" aria-label={t('room.muted')} size={14} className="text-soft" />}
      {room.archived_at && <Archive role="img" aria-label={t('room.archived')} size={14} className="text-soft" />}
      {(!room.muted || room.mentions > 0) && <UnreadBadge unread={room.unread} mentions={room.mentions} />}
    </Link>
  );
}

function RoomMark({ room, name }: { room: Room; name: string }) {
  const presence = useSelect((state) => (room.peer ? state.presence[room.peer.id]?.state : undefined));
  if (!room.peer) return <RoomGlyph kind={room.kind} />;
  return <Avatar id={room.peer.id} name={name} size="small" presence={presence} />;
}
