import type { CreateInviteReply } from '@chirm/client';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient } from '../../app/ClientContext';
import { useAction } from '../../lib/useAction';
import { Button } from '../../ui/Button';
import { Problem } from '../../ui/Problem';
import { Section } from '../../ui/Section';
import { Select } from '../../ui/Select';

const DAY_S = 86_400;
const DAYS = ['1', '7', '30'] as const;
const USES = ['1', '10', '100'] as const;

export function CreateInvite({ onCreated }: { onCreated(reply: CreateInviteReply): void }) {
  const { t } = useTranslation();
  const { api } = useClient();
  const [days, setDays] = useState<(typeof DAYS)[number]>('7');
  const [uses, setUses] = useState<(typeof USES)[number]>('1');
  const { run, busy, failure } = useAction(async () => {
    onCreated(await api.admin.createInvite({ expires_in_s: Number(days) * DAY_S, uses: Number(uses) }));
  });
  return (
    <Section title={t('admin.invite')} text={t('admin.invite_text')}>
      <div className="flex flex-wrap items-end gap-3">
        <Select
          label={t('admin.invite_for')}
          value={days}
          options={DAYS.map((id) => ({ id, label: t('admin.days', { count: Number(id) }) }))}
          onChange={setDays}
        />
        <Select
          label={t('admin.invite_uses')}
          value={uses}
          options={USES.map((id) => ({ id, label: t('admin.people', { count: Number(id) }) }))}
          onChange={setUses}
        />
        <Button onPress={run} isPending={busy}>
          {t('admin.invite_do')}
        </Button>
      </div>
      <Problem failure={failure} />
    </Section>
  );
}
