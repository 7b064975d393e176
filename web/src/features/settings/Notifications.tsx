import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { choose } from '../../app/preferences';
import { Button } from '../../ui/Button';
import { Note } from '../../ui/Note';
import { Section } from '../../ui/Section';
import { askPermission, permission } from '../notify/permission';
import { Choose } from './Choose';

export function Notifications() {
  const { t } = useTranslation();
  const [allowed, setAllowed] = useState(permission);
  const ask = async () => {
    const answer = await askPermission();
    setAllowed(answer);
    if (answer === 'granted') choose('notify', 'all');
  };
  return (
    <Section title={t('settings.notify_title')} text={t('settings.notify_text')}>
      {allowed === 'granted' && (
        <>
          <Choose name="notify" order={['all', 'mentions', 'off']} />
          <Choose name="preview" />
        </>
      )}
      {allowed === 'default' && (
        <Button look="outline" onPress={() => void ask()} className="justify-self-start">
          {t('settings.notify_ask')}
        </Button>
      )}
      {allowed !== 'granted' && allowed !== 'default' && <Note>{t(`settings.notify_${allowed}`)}</Note>}
    </Section>
  );
}
