import type { Room } from '@chirm/client';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useClient } from '../../app/ClientContext';
import { useAction } from '../../lib/useAction';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { Field } from '../../ui/Field';
import { Problem } from '../../ui/Problem';

export function EditRoom({ room, onClose }: { room: Room; onClose(): void }) {
  const { t } = useTranslation();
  const { api, store } = useClient();
  const [name, setName] = useState(room.name ?? '');
  const [topic, setTopic] = useState(room.topic);
  const { run, busy, failure } = useAction(async () => {
    const change = { ...(name !== room.name && { name }), ...(topic !== room.topic && { topic }) };
    store.dispatch({ type: 'room', room: (await api.updateRoom(room.id, change)).room });
  }, onClose);
  return (
    <Dialog title={t('details.edit')} onClose={onClose}>
      <Form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          run();
        }}
      >
        <Field
          label={t('create.name')}
          value={name}
          onChange={setName}
          isRequired
          error={failure?.fields.name}
          input={{ maxLength: 80 }}
          autoFocus
        />
        <Field
          label={t('create.topic')}
          value={topic}
          onChange={setTopic}
          error={failure?.fields.topic}
          input={{ maxLength: 250 }}
        />
        <Problem failure={Object.keys(failure?.fields ?? {}).length > 0 ? null : failure} />
        <Button type="submit" isPending={busy}>
          {t('common.save')}
        </Button>
      </Form>
    </Dialog>
  );
}
