import { LoaderCircle } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../ui/Button';
import { Empty } from '../../ui/Empty';

/** The server has not answered yet and nothing is remembered from an earlier visit. */
export function Connecting() {
  const { t } = useTranslation();
  return (
    <main className="grid min-h-dvh place-items-center">
      <p role="status" className="flex items-center gap-3 text-soft">
        <LoaderCircle aria-hidden size={18} className="animate-spin" />
        {t('network.connecting')}
      </p>
    </main>
  );
}

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
