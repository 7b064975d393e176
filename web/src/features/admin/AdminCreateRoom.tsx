import { useState } from 'react';
import { Form } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useClient } from '../../app/ClientContext';
import { useAction } from '../../lib/useAction';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { Field } from '../../ui/Field';
import { Problem } from '../../ui/Problem';
import { Select } from '../../ui/Select';

export function AdminCreateRoom({ onClose, onCreated }: { onClose(): void; onCreated(): void }) {
  const { t } = useTranslation();
  const { api } = useClient();
  const [kind, setKind] = useState<'channel' | 'group'>('channel');
  const [name, setName] = useState('');
  const [topic, setTopic] = useState('');
  const [owner, setOwner] = useState('');
  const { run, busy, failure } = useAction(async () => {
    await api.admin.createRoom({
      kind,
      name: name.trim(),
      ...(topic && { topic }),
      ...(owner && { owner: owner.trim() }),
    });
    onCreated();
  }, onClose);
  const fields = failure?.fields ?? {};
  return (
    <Dialog title={t('admin.create_room')} onClose={onClose}>
      <Form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          run();
        }}
      >
        <Select
          label={t('admin.kind')}
          value={kind}
          options={(['channel', 'group'] as const).map((id) => ({ id, label: t(`admin.kind_${id}`) }))}
          onChange={setKind}
        />
        <Field
          label={t('create.name')}
          value={name}
          onChange={setName}
          isRequired
          error={fields.name}
          autoFocus
          input={{ autoComplete: 'off' }}
        />
        <Field
          label={t('create.topic')}
          value={topic}
          onChange={setTopic}
          error={fields.topic}
          input={{ autoComplete: 'off' }}
        />
        <Field
          label={t('admin.owner')}
          hint={t('admin.owner_hint')}
          value={owner}
          onChange={setOwner}
          error={fields.owner}
          input={{ autoComplete: 'off' }}
        />
        <Problem failure={Object.keys(fields).length > 0 ? null : failure} />
        <Button type="submit" isPending={busy}>
          {t('admin.create_room')}
        </Button>
      </Form>
    </Dialog>
  );
}
