import { useTranslation } from 'react-i18next';
import { Button } from '../../ui/Button';
import { Empty } from '../../ui/Empty';

/** The server did not answer and nothing is remembered from an earlier visit. */
export function Unreachable({ retry }: { retry(): void }) {
  const { t } = useTranslation();
  return (
    <main className="grid min-h-dvh place-items-center">
      <Empty title={t('unreachable.title')} text={t('unreachable.text')}>
        <Button onPress={retry}>{t('common.retry')}</Button>
      </Empty>
    </main>
  );
}
