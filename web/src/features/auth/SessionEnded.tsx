import { useTranslation } from 'react-i18next';
import { useClient, useSelect } from '../../app/ClientContext';
import { Dialog } from '../../ui/Dialog';
import { LoginForm } from './LoginForm';

/** Over the page, which keeps everything: signing in again goes on where one was. */
export function SessionEnded() {
  const { t } = useTranslation();
  const client = useClient();
  const ended = useSelect((state) => state.connection.kind === 'unauthorized');
  const username = useSelect((state) => state.me?.username ?? '');
  if (!ended) return null;
  return (
    <Dialog title={t('auth.ended')} onClose={() => {}} firm>
      <p className="text-soft">{t('auth.ended_text')}</p>
      <LoginForm username={username} onDone={(user) => void client.signedIn(user)} />
    </Dialog>
  );
}
