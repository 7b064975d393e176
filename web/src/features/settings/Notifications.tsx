import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { choose, onPreferences, preferences } from '../../app/preferences';
import { Button } from '../../ui/Button';
import { Note } from '../../ui/Note';
import { Section } from '../../ui/Section';
import { chime } from '../notify/chime';
import { askPermission, permission } from '../notify/permission';
import { Choose } from './Choose';

export function Notifications() {
  const { t } = useTranslation();
  const [allowed, setAllowed] = useState(permission);
  useEffect(hearChoice, []);
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
          <Choose name="sound" />
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

/** What was chosen is heard at once. */
function hearChoice(): () => void {
  let before = preferences().sound;
  return onPreferences(() => {
    const { sound } = preferences();
    if (sound !== before) void chime(sound).catch(() => {});
    before = sound;
  });
}
