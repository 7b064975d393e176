import type { Session } from '@chirm/client';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient } from '../../app/ClientContext';
import { useAction } from '../../lib/useAction';
import { Problem } from '../../ui/Problem';
import { Section } from '../../ui/Section';
import { LineSkeleton } from '../../ui/Skeleton';
import { DeviceRow } from './DeviceRow';

export function Devices() {
  const { t } = useTranslation();
  const { api } = useClient();
  const [sessions, setSessions] = useState<Session[] | null>(null);
  const load = useAction(async () => setSessions((await api.sessions()).sessions));
  useEffect(load.run, []);
  return (
    <Section title={t('settings.devices')} text={t('settings.devices_text')}>
      <Problem failure={load.failure} />
      {!sessions && !load.failure && <LineSkeleton count={2} />}
      <ul className="grid grid-cols-1 gap-2">
        {sessions?.map((session) => (
          <DeviceRow key={session.id} session={session} onRevoked={load.run} />
        ))}
      </ul>
    </Section>
  );
}
