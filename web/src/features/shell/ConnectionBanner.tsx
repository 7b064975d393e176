import type { Connection } from '@chirm/client';
import { CloudOff, LoaderCircle } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient, useSelect } from '../../app/ClientContext';
import { useAnnounce } from '../../lib/announcer';
import { useSecondsUntil } from '../../lib/useSecondsUntil';
import { Button } from '../../ui/Button';

/** A blink of the network is not worth a word; longer than this is. */
const PATIENCE_MS = 1_200;

/** What stays so while one try follows another: it is spoken once, and the countdown beside it is not. */
type Trouble = 'connecting' | 'silent' | 'lost' | 'restarts' | 'none' | 'refused';

export function ConnectionBanner() {
  const { t } = useTranslation();
  const announce = useAnnounce();
  const connection = useSelect((state) => state.connection);
  const trouble = useTrouble(connection);
  const lasted = useLasting(trouble !== null, connection.kind === 'no_network' ? 0 : PATIENCE_MS);
  const shown = lasted ? trouble : null;

  const [told, setTold] = useState(false);
  useEffect(() => {
    if (shown) setTold(true);
    else if (told && connection.kind === 'online' && !connection.silent) {
      setTold(false);
      announce(t('network.back'));
    }
  }, [shown, told, connection, announce, t]);

  return (
    <div
      className={
        shown
          ? 'flex min-h-11 flex-wrap items-center justify-center gap-x-3 bg-ember-soft px-4 pb-1 pt-[max(0.25rem,env(safe-area-inset-top))] text-ink text-note forced-edge'
          : ''
      }
    >
      <span className="flex items-center gap-3">
        {shown && <Sign dialling={connection.kind === 'connecting'} />}
        <span role="status">{shown && t(`network.${shown}`)}</span>
      </span>
      {shown && <Tries connection={connection} trouble={shown} />}
    </div>
  );
}

function Sign({ dialling }: { dialling: boolean }) {
  const Icon = dialling ? LoaderCircle : CloudOff;
  return (
    <Icon aria-hidden size={17} className={dialling ? 'shrink-0 animate-spin text-ember' : 'shrink-0 text-ember'} />
  );
}

/** What is being done about it. */
function Tries({ connection, trouble }: { connection: Connection; trouble: Trouble }) {
  const { t } = useTranslation();
  const client = useClient();
  const seconds = useSecondsUntil(connection.kind === 'waiting' ? connection.until : null);
  if (connection.kind === 'connecting') return trouble !== 'connecting' && <span>{t('network.connecting')}</span>;
  if (connection.kind !== 'waiting') return null;
  return (
    <>
      <span className="tabular-nums">
        {t(connection.draining ? 'network.back_in' : 'network.again', { count: seconds })}
      </span>
      <Button look="quiet" small onPress={() => client.retryNow()}>
        {t('network.retry')}
      </Button>
    </>
  );
}

/** A dial after one that failed is the same trouble still. */
function useTrouble(connection: Connection): Trouble | null {
  const [before, setBefore] = useState<Trouble>('connecting');
  const now = troubleOf(connection, before);
  if (now !== before && now !== null) setBefore(now);
  if (now === null && before !== 'connecting') setBefore('connecting');
  return now;
}

function troubleOf(connection: Connection, before: Trouble): Trouble | null {
  switch (connection.kind) {
    case 'no_network':
      return 'none';
    case 'refused':
      return 'refused';
    case 'waiting':
      return connection.draining ? 'restarts' : 'lost';
    case 'connecting':
      return before === 'lost' || before === 'restarts' ? before : 'connecting';
    case 'online':
      return connection.silent ? 'silent' : null;
    default:
      return null;
  }
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
