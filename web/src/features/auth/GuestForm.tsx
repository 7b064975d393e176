import type { User } from '@chirm/client';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useClient } from '../../app/ClientContext';
import { useAction } from '../../lib/useAction';
import { Button } from '../../ui/Button';
import { Field } from '../../ui/Field';
import { Problem } from '../../ui/Problem';

export function GuestForm({ onDone }: { onDone(user: User): void }) {
  const { t } = useTranslation();
  const { api } = useClient();
  const [username, setUsername] = useState('');
  const { run, busy, failure } = useAction(async () => onDone((await api.guest({ username: username.trim() })).user));
  return (
    <Form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        run();
      }}
    >
      <div className="grid gap-1">
        <h1 className="font-bold text-2xl tracking-tight">{t('auth.guest')}</h1>
        <p className="text-soft">{t('auth.guest_text')}</p>
      </div>
      <Field
        label={t('auth.username')}
        hint={t('auth.username_hint')}
        error={failure?.fields.username}
        value={username}
        onChange={setUsername}
        isRequired
        input={{ autoComplete: 'nickname', autoCapitalize: 'none', spellCheck: false, maxLength: 32 }}
      />
      <Problem failure={failure?.fields.username ? null : failure} />
      <Button type="submit" isPending={busy}>
        {t('auth.guest_do')}
      </Button>
    </Form>
  );
}
