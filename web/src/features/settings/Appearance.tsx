import { Radio, RadioGroup } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { setTheme, THEMES, type Theme, useTheme } from '../../app/theme';
import { Section } from '../../ui/Section';

export function Appearance() {
  const { t } = useTranslation();
  const theme = useTheme();
  return (
    <Section title={t('settings.appearance')}>
      <RadioGroup
        aria-label={t('settings.theme')}
        value={theme}
        onChange={(value) => setTheme(value as Theme)}
        orientation="horizontal"
        className="grid grid-cols-2 gap-2 sm:grid-cols-4"
      >
        {THEMES.map((name) => (
          <Radio
            key={name}
            value={name}
            className="relative grid min-h-11 cursor-pointer place-items-center rounded-box border border-line px-3 text-center font-medium transition-colors hover:bg-hover selected:border-accent selected:bg-accent-soft selected:text-on-accent-soft"
          >
            {t(`settings.theme_${name}`)}
          </Radio>
        ))}
      </RadioGroup>
    </Section>
  );
}
