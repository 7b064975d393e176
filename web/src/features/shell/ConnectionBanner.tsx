import type { Connection } from '@chirm/client';
import { CloudOff, LoaderCircle } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient, useSelect } from '../../app/ClientContext';
import { useSecondsUntil } from '../../lib/useSecondsUntil';
import { Button } from '../../ui/Button';

/** A blink of the network is not worth a word; longer than this is. */
const PATIENCE_MS = 1_200;

export function ConnectionBanner() {
  const connection = useSelect((state) => state.connection);
  const shown = useLasting(isTrouble(connection), connection.kind === 'no_network' ? 0 : PATIENCE_MS);
  return <div role="status">{shown && isTrouble(connection) && <Banner connection={connection} />}</div>;
}

function isTrouble({ kind }: Connection): boolean {
  return kind === 'connecting' || kind === 'waiting' || kind === 'no_network' || kind === 'refused';
}

function Banner({ connection }: { connection: Connection }) {
  const { t } = useTranslation();
  const client = useClient();
  const seconds = useSecondsUntil(connection.kind === 'waiting' ? connection.until : null);
  const waiting = connection.kind === 'waiting';
  const Icon = connection.kind === 'connecting' ? LoaderCircle : CloudOff;
  const text = waiting
    ? t(connection.draining ? 'network.draining' : 'network.waiting', { count: seconds })
    : t(
        `network.${connection.kind === 'no_network' ? 'none' : connection.kind === 'refused' ? 'refused' : 'connecting'}`,
      );
  return (
    <div className="flex min-h-11 items-center justify-center gap-3 bg-ember-soft px-4 pb-1 pt-[max(0.25rem,env(safe-area-inset-top))] text-ink text-note forced-edge">
      <Icon
        aria-hidden
        size={17}
        className={connection.kind === 'connecting' ? 'animate-spin text-ember' : 'text-ember'}
      />
      <span>{text}</span>
      {waiting && (
        <Button look="quiet" small onPress={() => client.retryNow()}>
          {t('network.retry')}
        </Button>
      )}
    </div>
  );
}

/** True once `condition` has held for `ms`. */
function useLasting(condition: boolean, ms: number): boolean {
  const [lasted, setLasted] = useState(false);
  useEffect(() => {
    if (!condition) return setLasted(false);
    const timer = setTimeout(() => setLasted(true), ms);
    return () => clearTimeout(timer);
  }, [condition, ms]);
  return condition && lasted;
}
