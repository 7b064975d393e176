import { useTranslation } from 'react-i18next';
import { Section } from '../../ui/Section';
import { Choose } from './Choose';

export function Writing() {
  const { t } = useTranslation();
  return (
    <Section title={t('settings.writing')}>
      <Choose name="send" />
      <Choose name="letters" />
      <Choose name="announce" />
    </Section>
  );
}
