import type { User } from '@chirm/client';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useClient } from '../../app/ClientContext';
import { useAction } from '../../lib/useAction';
import { Button } from '../../ui/Button';
import { Field } from '../../ui/Field';
import { Problem } from '../../ui/Problem';
import { deviceName } from './deviceName';

interface Props {
  onDone(user: User): void;
  /** Whose session ended: only the password is missing. */
  username?: string;
}

export function LoginForm({ onDone, username: known = '' }: Props) {
  const { t } = useTranslation();
  const { api } = useClient();
  const [username, setUsername] = useState(known);
  const [password, setPassword] = useState('');
  const { run, busy, failure } = useAction(async () => {
    onDone((await api.login({ username: username.trim(), password, device: deviceName() })).user);
  });
  return (
    <Form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        run();
      }}
    >
      {!known && <h1 className="font-bold text-2xl tracking-tight">{t('auth.login')}</h1>}
      <Field
        label={t('auth.username')}
        value={username}
        onChange={setUsername}
        isRequired
        input={{ autoComplete: 'username', autoCapitalize: 'none', spellCheck: false }}
      />
      <Field
        label={t('auth.password')}
        type="password"
        value={password}
        onChange={setPassword}
        isRequired
        autoFocus={Boolean(known)}
        input={{ autoComplete: 'current-password' }}
      />
      <Problem failure={failure} here={{ unauthorized: t('auth.wrong') }} />
      <Button type="submit" isPending={busy}>
        {t('auth.login')}
      </Button>
    </Form>
  );
}
