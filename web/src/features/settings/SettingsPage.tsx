import { Keyboard } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useSelect } from '../../app/ClientContext';
import { IconButton } from '../../ui/IconButton';
import { Page } from '../../ui/Page';
import { useOpenDialog } from '../shell/Dialogs';
import { Appearance } from './Appearance';
import { Devices } from './Devices';
import { LanguageAndTime } from './LanguageAndTime';
import { Notifications } from './Notifications';
import { Password } from './Password';
import { Privacy } from './Privacy';
import { Profile } from './Profile';
import { SignOut } from './SignOut';
import { Writing } from './Writing';

export default function SettingsPage() {
  const { t } = useTranslation();
  const open = useOpenDialog();
  const me = useSelect((state) => state.me);
  const version = useSelect((state) => state.server?.version);
  if (!me) return null;
  return (
    <Page
      title={t('settings.title')}
      aside={<IconButton icon={Keyboard} label={t('keys.title')} onPress={() => open('keys')} />}
    >
      <Profile me={me} />
      <Appearance />
      <LanguageAndTime />
      <Writing />
      <Notifications />
      <Privacy />
      <Devices />
      {!me.guest && <Password />}
      <SignOut />
      {version && <p className="text-note text-soft">{t('settings.version', { version })}</p>}
    </Page>
  );
}
