import type { Room } from '@chirm/client';
import { ArrowLeft, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { Avatar } from '../../ui/Avatar';
import { IconButton } from '../../ui/IconButton';
import { RoomGlyph } from '../../ui/RoomGlyph';
import { useRoomName } from '../rooms/roomName';
import { MemberSection } from './MemberSection';
import { mayManageRoom } from './mayManage';
import { RoomActions } from './RoomActions';
import { WhoCanRead } from './WhoCanRead';

export function RoomDetails({ room }: { room: Room }) {
  const { t } = useTranslation();
  const [, navigate] = useLocation();
  const name = useRoomName(room);
  const mayManage = mayManageRoom(room);
  const close = () => navigate(`/r/${room.id}`, { replace: true });
  return (
    <aside
      id="details"
      tabIndex={-1}
      aria-label={t('details.label', { room: name })}
      className="relative flex min-h-0 w-full flex-col overflow-y-auto overscroll-contain outline-offset-[-3px] xl:w-88 xl:border-line xl:border-s"
    >
      <header className="flex min-h-15 items-center gap-2 px-3 md:px-4">
        <IconButton icon={ArrowLeft} label={t('nav.back')} onPress={close} className="xl:hidden" />
        <h2 className="flex-1 font-bold">{t('details.title')}</h2>
        <IconButton icon={X} label={t('common.close')} onPress={close} className="max-xl:hidden" />
      </header>
      <div className="mx-auto grid w-full max-w-xl grid-cols-1 gap-6 px-4 pb-8">
        <div className="grid justify-items-center gap-3 text-center">
          {room.peer ? <Avatar id={room.peer.id} name={name} size="large" /> : <RoomGlyph kind={room.kind} large />}
          <div>
            <p dir="auto" className="wrap-anywhere font-bold text-lg">
              {name}
            </p>
            {room.peer && (
              <p dir="ltr" className="text-soft">
                @{room.peer.username}
              </p>
            )}
            {room.topic && (
              <p dir="auto" className="wrap-anywhere text-soft">
                {room.topic}
              </p>
            )}
          </div>
          <WhoCanRead room={room} />
        </div>
        <RoomActions room={room} mayManage={mayManage} />
        {room.kind !== 'direct' && <MemberSection room={room} mayManage={mayManage} />}
      </div>
    </aside>
  );
}
