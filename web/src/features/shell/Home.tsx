import { roomList } from '@chirm/client';
import { useTranslation } from 'react-i18next';
import { Redirect } from 'wouter';
import { useSelect } from '../../app/ClientContext';
import { useMedia } from '../../lib/useMedia';
import { Empty } from '../../ui/Empty';

/** Nothing chosen: where there is space for two panes, the latest room; on a phone this is behind the list. */
export function Home() {
  const { t } = useTranslation();
  const wide = useMedia('(min-width: 48.0625rem)');
  const latest = useSelect((state) => roomList(state)[0]?.id);
  if (wide && latest) return <Redirect to={`/r/${latest}`} replace />;
  return (
    <div className="grid h-full place-items-center">
      <Empty title={t('home.title')} text={t('home.text')} />
    </div>
  );
}
