import type { Room } from '@chirm/client';
import { Eye } from 'lucide-react';
import { useTranslation } from 'react-i18next';

export function WhoCanRead({ room }: { room: Room }) {
  const { t } = useTranslation();
  return (
    <p className="flex items-center gap-2 rounded-full bg-well px-3 py-1 text-note text-soft">
      <Eye aria-hidden size={15} />
      {t(`details.readers_${room.kind}`)}
    </p>
  );
}
