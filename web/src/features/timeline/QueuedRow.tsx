import type { Queued } from '@chirm/client';
import { CircleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useClient } from '../../app/ClientContext';
import { cx } from '../../lib/cx';
import { useCodeText } from '../../lib/failureText';
import { Markdown } from '../../lib/markdown/Markdown';
import type { Names } from '../../lib/markdown/names';
import { clockTime } from '../../lib/time';
import { voice } from '../../lib/voice';
import { Avatar } from '../../ui/Avatar';
import { Button } from '../../ui/Button';
import { Ticks } from './Ticks';

interface Props {
  queued: Queued;
  head: boolean;
  name: string;
  stop: boolean;
  names: Names;
}

/** A message of mine that has no place in the room yet. */
export function QueuedRow({ queued, head, name, stop, names }: Props) {
  const { t } = useTranslation();
  const time = clockTime(queued.created_at);
  const failed = queued.state === 'failed';
  return (
    <article
      data-row={queued.client_id}
      data-stop
      tabIndex={stop ? 0 : -1}
      aria-label={t('message.label_waiting', {
        time,
        text: queued.body,
        state: t(failed ? 'delivery.failed' : 'delivery.waiting'),
      })}
      className={cx(
        'relative grid grid-cols-[2.25rem_minmax(0,1fr)_auto] gap-x-3 rounded-box px-4 py-0.5 outline-offset-[-2px]',
        head && 'mt-3',
        failed && 'bg-danger-soft/60',
      )}
    >
      {head ? <Avatar id={queued.author} name={name} /> : <span />}
      <div className={cx('min-w-0', !failed && 'opacity-65')}>
        {head && (
          <p className="flex items-baseline gap-2 leading-snug">
            <span dir="auto" style={voice(queued.author)} className="voice truncate font-bold text-voice-name">
              {name}
            </span>
            <span className="shrink-0 text-soft text-tiny">{time}</span>
          </p>
        )}
        <Markdown text={queued.body} names={names} />
      </div>
      <div className="flex items-end pb-1">{!failed && <Ticks delivery="waiting" />}</div>
      {failed && <Failed queued={queued} />}
    </article>
  );
}

function Failed({ queued }: { queued: Queued }) {
  const { t } = useTranslation();
  const { outbox } = useClient();
  const reason = useCodeText(queued.failure);
  return (
    <div className="col-span-2 col-start-2 flex flex-wrap items-center gap-x-2 gap-y-1 pt-1 text-danger text-note">
      <CircleAlert aria-hidden size={16} />
      <span>
        {t('delivery.failed')} {reason}
      </span>
      <Button look="outline" small onPress={() => void outbox.retry(queued.client_id)}>
        {t('delivery.retry')}
      </Button>
      <Button look="quiet" small onPress={() => void outbox.discard(queued.client_id)}>
        {t('delivery.delete')}
      </Button>
    </div>
  );
}
