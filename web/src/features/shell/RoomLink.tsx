import { calls, type Room } from '@chirm/client';
import { Archive, BellOff, Ellipsis, PencilLine } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useRoute } from 'wouter';
import { useSelect } from '../../app/ClientContext';
import { useDraftedRooms } from '../../app/drafts';
import { useLater } from '../../app/later';
import { cx } from '../../lib/cx';
import { Avatar } from '../../ui/Avatar';
import { MarkedBadge, UnreadBadge } from '../../ui/Badge';
import { MenuButton } from '../../ui/MenuButton';
import { RoomGlyph } from '../../ui/RoomGlyph';
import { useRoomName } from '../rooms/roomName';
import { useRoomDeeds } from '../rooms/useRoomDeeds';

export function RoomLink({ room }: { room: Room }) {
  const { t } = useTranslation();
  const [, params] = useRoute('/r/:room/:place?');
  const current = params?.room === room.id;
  const name = useRoomName(room);
  const marked = useLater()[room.id] !== undefined;
  const drafted = useDraftedRooms().has(room.id) && !current;
  const counted = calls(room);
  const loud = counted || marked;
  return (
    <Row room={room} name={name}>
      {(openMenu) => (
        <Link
          href={`/r/${room.id}`}
          aria-current={current ? 'page' : undefined}
          data-unread={loud || undefined}
          onContextMenu={openMenu}
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
          {drafted && <PencilLine role="img" aria-label={t('room.draft')} size={14} className="shrink-0 text-soft" />}
          {room.muted && <BellOff role="img" aria-label={t('room.muted')} size={14} className="shrink-0 text-soft" />}
          {room.archived_at && (
            <Archive role="img" aria-label={t('room.archived')} size={14} className="shrink-0 text-soft" />
          )}
          {/* Makes room for the menu's button, which shows in its place. */}
          {loud && (
            <span className="inline-flex group-data-open/room:opacity-0 hoverable:group-hover/room:opacity-0">
              {counted ? <UnreadBadge unread={room.unread} mentions={room.mentions} /> : <MarkedBadge />}
            </span>
          )}
        </Link>
      )}
    </Row>
  );
}

interface RowProps {
  room: Room;
  name: string;
  children(openMenu: (event: React.MouseEvent) => void): React.ReactNode;
}

/**
 * The link and its menu, which opens with the other mouse button, with the menu key, and from the button that shows under
 * the pointer. The list keeps one tab stop per room; on a phone, the room's details offer the same.
 */
function Row({ room, name, children }: RowProps) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const { deeds, asked } = useRoomDeeds(room);
  return (
    <div className="group/room relative" data-open={open || undefined}>
      {children((event) => {
        event.preventDefault();
        setOpen(true);
      })}
      <div
        className={cx(
          'absolute inset-y-0 end-1 my-auto grid h-fit rounded-full bg-frame transition-opacity',
          open ? 'opacity-100' : 'pointer-events-none opacity-0',
          'hoverable:group-hover/room:pointer-events-auto hoverable:group-hover/room:opacity-100',
        )}
      >
        <MenuButton
          icon={Ellipsis}
          label={t('room.menu', { room: name })}
          deeds={deeds}
          small
          open={open}
          setOpen={setOpen}
          outOfTabOrder
        />
      </div>
      {asked}
    </div>
  );
}

function RoomMark({ room, name }: { room: Room; name: string }) {
  const presence = useSelect((state) => (room.peer ? state.presence[room.peer.id]?.state : undefined));
  if (!room.peer) return <RoomGlyph kind={room.kind} />;
  return <Avatar id={room.peer.id} name={name} size="small" presence={presence} />;
}
