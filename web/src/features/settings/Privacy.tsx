import type { Me, ProfilePatch } from '@chirm/client';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient } from '../../app/ClientContext';
import { useAction } from '../../lib/useAction';
import { Problem } from '../../ui/Problem';
import { Section } from '../../ui/Section';
import { LineSkeleton } from '../../ui/Skeleton';
import { Toggle } from '../../ui/Toggle';

const SHARED = ['share_read_receipts', 'share_last_seen'] as const;

/** What others hear of me. Kept by the server, so it holds on all devices. */
export function Privacy() {
  const { t } = useTranslation();
  const { api } = useClient();
  const [me, setMe] = useState<Me | null>(null);
  const load = useAction(async () => setMe((await api.me()).user));
  const change = useAction(async (patch: ProfilePatch) => setMe((await api.updateMe(patch)).user));
  useEffect(load.run, []);
  return (
    <Section title={t('settings.privacy')} text={t('settings.privacy_text')}>
      <Problem failure={load.failure ?? change.failure} />
      {!me && !load.failure && <LineSkeleton count={2} />}
      {me &&
        SHARED.map((name) => (
          <Toggle
            key={name}
            label={t(`settings.${name}`)}
            hint={t(`settings.${name}_hint`)}
            on={me[name]}
            set={(on) => change.run({ [name]: on })}
          />
        ))}
    </Section>
  );
}
