import type { AdminRoom } from '@chirm/client';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useClient } from '../../app/ClientContext';
import { useAction } from '../../lib/useAction';
import { Button } from '../../ui/Button';
import { Field } from '../../ui/Field';
import { Problem } from '../../ui/Problem';
import { Section } from '../../ui/Section';
import { Select } from '../../ui/Select';

export function RoomForm({ room, onSaved }: { room: AdminRoom; onSaved(): void }) {
  const { t } = useTranslation();
  const { api } = useClient();
  const [name, setName] = useState(room.name ?? '');
  const [topic, setTopic] = useState(room.topic);
  const [kind, setKind] = useState<'channel' | 'group'>(room.kind === 'group' ? 'group' : 'channel');
  const change = {
    ...(name !== room.name && { name }),
    ...(topic !== room.topic && { topic }),
    ...(kind !== room.kind && { kind }),
  };
  const { run, busy, failure } = useAction(() => api.admin.updateRoom(room.id, change), onSaved);
  const fields = failure?.fields ?? {};
  return (
    <Section title={t('admin.room_settings')}>
      <Form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          run();
        }}
      >
        <Field label={t('create.name')} value={name} onChange={setName} isRequired error={fields.name} />
        <Field label={t('create.topic')} value={topic} onChange={setTopic} error={fields.topic} />
        <Select
          label={t('admin.kind')}
          value={kind}
          options={(['channel', 'group'] as const).map((id) => ({ id, label: t(`admin.kind_${id}`) }))}
          onChange={setKind}
        />
        {kind === 'channel' && room.kind === 'group' && (
          <p className="text-ember text-note">{t('admin.opens_to_all')}</p>
        )}
        <Problem failure={Object.keys(fields).length > 0 ? null : failure} />
        <Button
          type="submit"
          isPending={busy}
          isDisabled={Object.keys(change).length === 0}
          className="justify-self-start"
        >
          {t('common.save')}
        </Button>
      </Form>
    </Section>
  );
}
