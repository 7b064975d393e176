import type { User } from '@chirm/client';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useClient } from '../../app/ClientContext';
import { useAction } from '../../lib/useAction';
import { Button } from '../../ui/Button';
import { Field } from '../../ui/Field';
import { Problem } from '../../ui/Problem';
import { dropTickets } from './tickets';

interface Props {
  onDone(user: User): void;
  /** Nobody has an account yet: this one owns the server. */
  owns: boolean;
  setup: string | undefined;
  invite: string | undefined;
}

export function RegisterForm({ onDone, owns, setup, invite }: Props) {
  const { t } = useTranslation();
  const { api } = useClient();
  const [username, setUsername] = useState('');
  const [displayName, setDisplayName] = useState('');
  const [password, setPassword] = useState('');
  const { run, busy, failure } = useAction(async () => {
    const optional = {
      ...(displayName && { display_name: displayName }),
      ...(setup && { setup }),
      ...(invite && { invite }),
    };
    const { user } = await api.register({ username: username.trim(), password, ...optional });
    dropTickets();
    onDone(user);
  });
  const { username: badName, display_name: badDisplayName, password: badPassword } = failure?.fields ?? {};
  const told = badName ?? badDisplayName ?? badPassword;
  return (
    <Form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        run();
      }}
    >
      <div className="grid gap-1">
        <h1 className="font-bold text-2xl tracking-tight">{owns ? t('auth.setup') : t('auth.register')}</h1>
        {owns && <p className="text-soft">{t('auth.setup_text')}</p>}
        {invite && <p className="text-soft">{t('auth.invited')}</p>}
      </div>
      <Field
        label={t('auth.username')}
        hint={t('auth.username_hint')}
        error={badName}
        value={username}
        onChange={setUsername}
        isRequired
        input={{ autoComplete: 'username', autoCapitalize: 'none', spellCheck: false, maxLength: 32 }}
      />
      <Field
        label={t('auth.display_name')}
        hint={t('auth.display_name_hint')}
        error={badDisplayName}
        value={displayName}
        onChange={setDisplayName}
        input={{ autoComplete: 'name', maxLength: 64 }}
      />
      <Field
        label={t('auth.password')}
        hint={t('auth.password_hint')}
        error={badPassword}
        type="password"
        value={password}
        onChange={setPassword}
        isRequired
        input={{ autoComplete: 'new-password' }}
      />
      <Problem failure={told ? null : failure} />
      <Button type="submit" isPending={busy}>
        {owns ? t('auth.setup_do') : t('auth.register_do')}
      </Button>
    </Form>
  );
}
