import { useTranslation } from 'react-i18next';
import { useRoute } from 'wouter';
import { useMedia } from '../../lib/useMedia';

/** Buttons rather than anchors: a fragment would take the place of the one that may carry an invitation, and add history. */
export function SkipLinks() {
  const { t } = useTranslation();
  const twoPanes = useMedia('(min-width: 48.0625rem)');
  const [inRoom] = useRoute('/r/:room/:place?');
  const [atHome] = useRoute('/');
  const content = inRoom ? (['messages', 'composer'] as const) : (['main'] as const);
  const targets = [...(atHome && !twoPanes ? [] : content), ...(atHome || twoPanes ? (['rooms'] as const) : [])];
  return (
    <nav aria-label={t('skip.label')}>
      {targets.map((target) => (
        <button key={target} type="button" className="skip-link" onClick={() => focusOn(target)}>
          {t(`skip.${target}`)}
        </button>
      ))}
    </nav>
  );
}

/** A room that cannot be written in has no composer: the part around it has to do. */
function focusOn(target: string): void {
  const shown = [target, 'details', 'main']
    .map((id) => document.getElementById(id))
    .find((part) => part?.checkVisibility());
  shown?.focus();
}
