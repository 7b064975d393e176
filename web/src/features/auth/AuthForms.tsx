import type { AuthOptions, User } from '@chirm/client';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../ui/Button';
import { Note } from '../../ui/Note';
import { GuestForm } from './GuestForm';
import { LoginForm } from './LoginForm';
import { RegisterForm } from './RegisterForm';
import { tickets } from './tickets';

type Mode = 'login' | 'register' | 'guest';

interface Props {
  options: AuthOptions;
  onDone(user: User): void;
}

export function AuthForms({ options, onDone }: Props) {
  const { t } = useTranslation();
  const { setup, invite } = tickets();
  const mayRegister = options.registration === 'open' || Boolean(setup) || Boolean(invite);
  const owns = options.first && mayRegister;
  const [mode, setMode] = useState<Mode>(owns || setup || invite ? 'register' : 'login');
  const others = (['login', 'register', 'guest'] as const).filter(
    (other) =>
      other !== mode &&
      (other === 'login' || (other === 'register' && mayRegister) || (other === 'guest' && options.guests)),
  );

  return (
    <>
      {options.registration === 'setup' && !setup && <Note>{t('auth.needs_setup')}</Note>}
      {options.registration === 'invite' && !invite && mode === 'login' && <Note>{t('auth.needs_invite')}</Note>}
      {mode === 'login' && <LoginForm onDone={onDone} />}
      {mode === 'register' && <RegisterForm owns={owns} setup={setup} invite={invite} onDone={onDone} />}
      {mode === 'guest' && <GuestForm onDone={onDone} />}
      <div className="grid gap-2 border-line border-t pt-5 empty:hidden">
        {others.map((other) => (
          <Button key={other} look="outline" onPress={() => setMode(other)}>
            {t(`auth.go_${other}`)}
          </Button>
        ))}
      </div>
    </>
  );
}
