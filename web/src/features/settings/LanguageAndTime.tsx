import { useTranslation } from 'react-i18next';
import { LANGUAGES } from '../../app/i18n';
import { CHOICES, choose, usePreference } from '../../app/preferences';
import { Section } from '../../ui/Section';
import { Select } from '../../ui/Select';
import { Choose } from './Choose';

export function LanguageAndTime() {
  const { t } = useTranslation();
  const language = usePreference('language');
  return (
    <Section title={t('settings.language_title')}>
      <Select
        row
        label={t('settings.language')}
        value={language}
        options={CHOICES.language.map((id) => ({
          id,
          label: id === 'system' ? t('settings.language_system') : LANGUAGES[id],
        }))}
        onChange={(chosen) => choose('language', chosen)}
      />
      <Choose name="clock" />
    </Section>
  );
}
