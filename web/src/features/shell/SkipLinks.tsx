import { useTranslation } from 'react-i18next';

const TARGETS = ['messages', 'composer', 'rooms'] as const;

/** Buttons rather than anchors: a fragment would take the place of the one that may carry an invitation, and add history. */
export function SkipLinks() {
  const { t } = useTranslation();
  return (
    <nav aria-label={t('skip.label')}>
      {TARGETS.map((target) => (
        <button
          key={target}
          type="button"
          className="skip-link"
          onClick={() => document.getElementById(target)?.focus()}
        >
          {t(`skip.${target}`)}
        </button>
      ))}
    </nav>
  );
}
