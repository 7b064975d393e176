import type { Room } from '@chirm/client';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../../ui/Dialog';
import { COMMANDS } from './commands';

/** Every command that may be used here, and what it does. */
export function CommandHelp({ room, onClose }: { room: Room; onClose(): void }) {
  const { t } = useTranslation();
  return (
    <Dialog title={t('command.title')} onClose={onClose}>
      <dl className="grid grid-cols-[auto_1fr] items-baseline gap-x-5 gap-y-2.5">
        {COMMANDS.filter(({ allowed }) => allowed(room)).map(({ name }) => (
          <div key={name} className="contents">
            <dt dir="ltr" className="text-start font-mono font-semibold">
              /{name}
            </dt>
            <dd className="text-soft">{t(`command.help_${name}`)}</dd>
          </div>
        ))}
      </dl>
      <p className="text-note text-soft">{t('command.escape')}</p>
    </Dialog>
  );
}
