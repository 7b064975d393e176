import { totals } from '@chirm/client';
import { useTranslation } from 'react-i18next';
import { useSelect } from './ClientContext';

/** "(3) lobby – Chirm": how much waits, and where we are. */
export function Title({ place }: { place: string | undefined }) {
  const { t } = useTranslation();
  const { unread } = useSelect((state) => totals(state.rooms));
  const count = unread > 0 ? `(${unread}) ` : '';
  return <title>{`${count}${place ? `${place} – ` : ''}${t('app.name')}`}</title>;
}
