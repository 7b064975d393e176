import type { Person } from '@chirm/client';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { useClient } from '../../app/ClientContext';
import { useAction } from '../../lib/useAction';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { Field } from '../../ui/Field';
import { PeoplePicker } from '../../ui/PeoplePicker';
import { Problem } from '../../ui/Problem';

interface Props {
  kind: 'group' | 'channel';
  onClose(): void;
}

export function CreateRoom({ kind, onClose }: Props) {
  const { t } = useTranslation();
  const { api, store } = useClient();
  const [, navigate] = useLocation();
  const [name, setName] = useState('');
  const [topic, setTopic] = useState('');
  const [people, setPeople] = useState<Person[]>([]);
  const { run, busy, failure } = useAction(async () => {
    const members = people.map(({ id }) => id);
    const { room } = await api.createRoom({
      kind,
      name: name.trim(),
      ...(topic && { topic }),
      ...(members.length > 0 && { members }),
    });
    store.dispatch({ type: 'room', room });
    navigate(`/r/${room.id}`);
  }, onClose);
  const told = Boolean(failure?.fields.name ?? failure?.fields.topic);
  return (
    <Dialog title={t(`create.${kind}`)} onClose={onClose}>
      <p className="text-soft">{t(`create.${kind}_text`)}</p>
      <Form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          run();
        }}
      >
        <Field
          label={t('create.name')}
          hint={kind === 'channel' ? t('create.channel_hint') : ''}
          value={name}
          onChange={(text) => setName(kind === 'channel' ? text.toLowerCase().replace(/\s+/g, '-') : text)}
          isRequired
          error={failure?.fields.name}
          input={{ maxLength: kind === 'channel' ? 64 : 80, autoComplete: 'off' }}
          autoFocus
        />
        <Field
          label={t('create.topic')}
          value={topic}
          onChange={setTopic}
          error={failure?.fields.topic}
          input={{ maxLength: 250, autoComplete: 'off' }}
        />
        {kind === 'group' && <PeoplePicker chosen={people} onChange={setPeople} />}
        <Problem failure={told ? null : failure} />
        <Button type="submit" isPending={busy}>
          {t(`create.${kind}_do`)}
        </Button>
      </Form>
    </Dialog>
  );
}
