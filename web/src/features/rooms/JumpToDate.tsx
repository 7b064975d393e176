import type { Room } from '@chirm/client';
import { CalendarSearch } from 'lucide-react';
import { Suspense, useState } from 'react';
import { Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { useClient, useSelect } from '../../app/ClientContext';
import { part } from '../../lib/part';
import { useAction } from '../../lib/useAction';
import { IconButton } from '../../ui/IconButton';
import { LoadGuard } from '../../ui/LoadGuard';
import { Problem } from '../../ui/Problem';

const DayPicker = part(() => import('./DayPicker'));

/** Goes to the first message of a day. */
export function JumpToDate({ room }: { room: Room }) {
  const { t } = useTranslation();
  const { history } = useClient();
  const [, navigate] = useLocation();
  const [open, setOpen] = useState(false);
  const online = useSelect((state) => state.connection.kind === 'online');
  const { run, busy, failure } = useAction(async (day: number) => {
    const seq = await history.seqAt(room.id, day);
    navigate(`/r/${room.id}/${seq}`, { state: { jump: Date.now() } });
    setOpen(false);
  });
  if (room.last_seq === 0) return null;
  return (
    <DialogTrigger isOpen={open} onOpenChange={setOpen}>
      <IconButton icon={CalendarSearch} label={t('room.jump_date')} isDisabled={!online} />
      <Popover
        placement="bottom end"
        className="rise rounded-box border border-line bg-raised p-3 shadow-lift forced-edge"
      >
        <Dialog aria-label={t('room.jump_date')} className="min-h-72 min-w-64 outline-none">
          <LoadGuard>
            <Suspense fallback={<p className="text-soft">{t('common.loading')}</p>}>
              <DayPicker first={Date.parse(room.created_at)} busy={busy} pick={run} />
            </Suspense>
          </LoadGuard>
          <Problem failure={failure} className="mt-2" />
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
