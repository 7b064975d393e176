import type { Room } from '@chirm/client';
import type { LucideIcon } from 'lucide-react';
import { useId } from 'react';
import { IconButton } from '../../ui/IconButton';
import { RoomLink } from './RoomLink';

interface Props {
  title: string;
  rooms: readonly Room[];
  action?: { icon: LucideIcon; label: string; act(): void };
  empty?: string;
}

export function RoomSection({ title, rooms, action, empty }: Props) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="mb-3">
      <div className="flex min-h-8 items-center justify-between ps-3">
        <h2 id={id} className="font-semibold text-soft text-tiny">
          {title}
        </h2>
        {action && <IconButton icon={action.icon} label={action.label} onPress={action.act} small />}
      </div>
      {rooms.length === 0 && empty && <p className="px-3 py-1 text-note text-soft">{empty}</p>}
      <ul>
        {rooms.map((room) => (
          <li key={room.id}>
            <RoomLink room={room} />
          </li>
        ))}
      </ul>
    </section>
  );
}
