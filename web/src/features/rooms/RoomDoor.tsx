import type { FailureCode, Room } from '@chirm/client';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { useClient } from '../../app/ClientContext';
import { useAction } from '../../lib/useAction';
import { Button } from '../../ui/Button';
import { Empty } from '../../ui/Empty';
import { Problem } from '../../ui/Problem';
import { MessageSkeleton } from '../../ui/Skeleton';
import { useRoomName } from './roomName';

const PASSING: ReadonlySet<FailureCode> = new Set(['offline', 'timeout', 'unavailable', 'internal', 'rate_limited']);

/** A room I am not in: a public channel can be joined here; of everything else nobody says whether it exists. */
export function RoomDoor({ id }: { id: string }) {
  const { t } = useTranslation();
  const { api, store } = useClient();
  const [, navigate] = useLocation();
  const [room, setRoom] = useState<Room | null>(null);
  const look = useAction(async () => {
    const { room: found } = await api.room(id);
    if (found.role !== null) store.dispatch({ type: 'room', room: found });
    // An address may name a channel, as in /r/%23lobby; the id is what stays.
    if (found.id !== id) navigate(`/r/${found.id}`, { replace: true });
    else setRoom(found);
  });
  const join = useAction(async () => store.dispatch({ type: 'room', room: (await api.join(id)).room }));
  const name = useRoomName(room ?? undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once per room
  useEffect(() => look.run(), [id]);

  // Only the server can say that there is no such room; that it was not reached says nothing of the kind.
  if (look.failure && PASSING.has(look.failure.code)) {
    return (
      <div className="grid h-full place-items-center">
        <Empty title={t('door.failed')}>
          <Problem failure={look.failure} />
          <Button look="outline" onPress={look.run} isPending={look.busy}>
            {t('common.retry')}
          </Button>
        </Empty>
      </div>
    );
  }
  if (look.failure) {
    return (
      <div className="grid h-full place-items-center">
        <Empty title={t('door.none')} text={t('door.none_text')}>
          <Back />
        </Empty>
      </div>
    );
  }
  if (!room) return <MessageSkeleton />;
  return (
    <div className="grid h-full place-items-center">
      <Empty title={name} text={room.topic || t('room.members', { count: room.members })}>
        <Problem failure={join.failure} />
        <Button onPress={join.run} isPending={join.busy}>
          {t('door.join')}
        </Button>
        <Back />
      </Empty>
    </div>
  );
}

function Back() {
  const { t } = useTranslation();
  const [, navigate] = useLocation();
  return (
    <Button look="outline" onPress={() => navigate('/', { replace: true })}>
      {t('door.back')}
    </Button>
  );
}
