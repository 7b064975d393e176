import { RefreshCw } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient } from '../../app/ClientContext';
import { useUpdate } from '../../app/updates';
import { Button } from '../../ui/Button';

/** Offers a newer build. It stands in the flow, so that it covers nothing, and nothing happens without a press. */
export function UpdateBar() {
  const { t } = useTranslation();
  const client = useClient();
  const update = useUpdate();
  const [later, setLater] = useState(false);
  const take = () => {
    client.save();
    update?.();
  };
  return (
    <div role="status">
      {update && !later && (
        <div className="flex min-h-11 flex-wrap items-center justify-center gap-x-3 bg-accent-soft px-4 pb-1 pt-[max(0.25rem,env(safe-area-inset-top))] text-note text-on-accent-soft forced-edge">
          <RefreshCw aria-hidden size={16} className="shrink-0" />
          <span>{t('update.ready')}</span>
          <Button small onPress={take}>
            {t('update.reload')}
          </Button>
          <Button small look="quiet" onPress={() => setLater(true)}>
            {t('update.later')}
          </Button>
        </div>
      )}
    </div>
  );
}
