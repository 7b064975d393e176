import type { AdminRoom } from '@chirm/client';
import { ArrowLeft } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useClient } from '../../app/ClientContext';
import { useAction } from '../../lib/useAction';
import { Problem } from '../../ui/Problem';
import { LineSkeleton } from '../../ui/Skeleton';
import { AdminMembers } from './AdminMembers';
import { Announcement } from './Announcement';
import { RoomDanger } from './RoomDanger';
import { RoomForm } from './RoomForm';

export function AdminRoomPage({ id }: { id: string }) {
  const { t } = useTranslation();
  const { api } = useClient();
  const [room, setRoom] = useState<AdminRoom | null>(null);
  const load = useAction(async () => setRoom((await api.admin.room(id)).room));
  // biome-ignore lint/correctness/useExhaustiveDependencies: once per room
  useEffect(load.run, [id]);
  return (
    <div className="grid gap-5">
      <Link
        href="/admin/rooms"
        className="inline-flex items-center gap-2 justify-self-start font-semibold text-accent touch:min-h-11"
      >
        <ArrowLeft aria-hidden size={17} />
        {t('admin.tab_rooms')}
      </Link>
      <Problem failure={load.failure} />
      {!room && !load.failure && <LineSkeleton />}
      {room && (
        <>
          <h2 className="font-bold text-xl">{room.name ?? t('admin.direct_room')}</h2>
          {room.kind !== 'direct' && <RoomForm room={room} onSaved={load.run} />}
          <Announcement room={room} />
          <AdminMembers room={room} />
          <RoomDanger room={room} onChanged={load.run} />
        </>
      )}
    </div>
  );
}
