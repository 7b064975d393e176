import { useTranslation } from 'react-i18next';
import { useSelect } from '../../app/ClientContext';
import { cx } from '../../lib/cx';
import { MessageSkeleton } from '../../ui/Skeleton';
import { Composer } from '../composer/Composer';
import { RoomDetails } from '../details/RoomDetails';
import { Timeline } from '../timeline/Timeline';
import { TypingLine } from '../timeline/TypingLine';
import { RoomDoor } from './RoomDoor';
import { RoomHeader } from './RoomHeader';
import { ReplyProvider } from './reply';
import { useRoomName } from './roomName';

interface Props {
  id: string;
  /** `info`, or the seq of a message. */
  place: string | undefined;
}

export function RoomPage({ id, place }: Props) {
  const { t } = useTranslation();
  const room = useSelect((state) => state.rooms[id]);
  const greeted = useSelect((state) => state.connection.kind === 'online');
  const name = useRoomName(room);
  if (!room && !greeted) return <MessageSkeleton />;
  if (!room || room.role === null) return <RoomDoor id={id} />;
  const info = place === 'info';
  const seq = Number(place);
  return (
    <ReplyProvider>
      <div className="flex h-full min-h-0">
        <section aria-label={name} className={cx('min-w-0 flex-1 flex-col', info ? 'hidden xl:flex' : 'flex')}>
          <RoomHeader room={room} info={info} />
          <Timeline room={room} seq={Number.isInteger(seq) && seq > 0 ? seq : undefined} />
          <TypingLine room={room.id} />
          {room.archived_at ? (
            <p className="border-line border-t p-4 text-center text-soft">{t('room.archived_note')}</p>
          ) : (
            <Composer room={room} />
          )}
        </section>
        {info && <RoomDetails room={room} />}
      </div>
    </ReplyProvider>
  );
}
