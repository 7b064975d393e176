import type { Session } from '@chirm/client';
import { Laptop, Smartphone } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useClient } from '../../app/ClientContext';
import { ago } from '../../lib/time';
import { useAction } from '../../lib/useAction';
import { Button } from '../../ui/Button';
import { Problem } from '../../ui/Problem';

export function DeviceRow({ session, onRevoked }: { session: Session; onRevoked(): void }) {
  const { t } = useTranslation();
  const { api } = useClient();
  const { run, busy, failure } = useAction(() => api.revokeSession(session.id), onRevoked);
  const name = session.device ?? t('settings.device_unknown');
  const Icon = /Android|iPhone|iPad/.test(name) ? Smartphone : Laptop;
  const seen = t('settings.device_seen', { ago: ago(Date.parse(session.last_seen)) });
  return (
    <li className="flex flex-wrap items-center gap-3">
      <Icon aria-hidden size={20} className="text-soft" />
      <div className="min-w-0 flex-1 leading-snug">
        <p dir="auto" className="truncate font-medium">
          {name}
        </p>
        <p className="text-note text-soft">
          {session.current ? t('settings.device_this') : [seen, session.address].filter(Boolean).join(' · ')}
        </p>
      </div>
      {!session.current && (
        <Button
          look="outline"
          small
          onPress={run}
          isPending={busy}
          aria-label={t('settings.device_revoke_name', { name })}
        >
          {t('settings.device_revoke')}
        </Button>
      )}
      <Problem failure={failure} className="basis-full" />
    </li>
  );
}
