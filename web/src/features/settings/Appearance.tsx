import { useTranslation } from 'react-i18next';
import { Section } from '../../ui/Section';
import { Choose } from './Choose';

export function Appearance() {
  const { t } = useTranslation();
  return (
    <Section title={t('settings.appearance')} text={t('settings.device_only')}>
      <Choose name="theme" />
      <Choose name="density" />
      <Choose name="size" order={['small', 'normal', 'large', 'larger']} />
      <Choose name="motion" />
    </Section>
  );
}
