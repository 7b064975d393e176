import { useTranslation } from 'react-i18next';
import { useClient, useSelect } from '../../app/ClientContext';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { LoginForm } from './LoginForm';

/** Over the page, which keeps everything: signing in again goes on where one was. */
export function SessionEnded() {
  const { t } = useTranslation();
  const client = useClient();
  const ended = useSelect((state) => state.connection.kind === 'unauthorized');
  const { username, guest } = useSelect((state) => ({
    username: state.me?.username ?? '',
    guest: state.me?.guest ?? false,
  }));
  if (!ended) return null;
  return (
    <Dialog title={t('auth.ended')} onClose={() => {}} firm>
      <p className="text-soft">{t(guest ? 'auth.ended_guest' : 'auth.ended_text')}</p>
      {!guest && <LoginForm username={username} onDone={(user) => void client.signedIn(user)} />}
      <Button look={guest ? 'primary' : 'quiet'} onPress={() => void client.abandon()}>
        {t('auth.abandon')}
      </Button>
    </Dialog>
  );
}
