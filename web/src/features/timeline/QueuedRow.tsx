import type { Client, Queued } from '@chirm/client';
import { CircleAlert, SendHorizontal, Trash2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useClient } from '../../app/ClientContext';
import { cx } from '../../lib/cx';
import { useCodeText } from '../../lib/failureText';
import { Markdown } from '../../lib/markdown/Markdown';
import type { Names } from '../../lib/markdown/names';
import { plain } from '../../lib/markdown/plain';
import { clockTime } from '../../lib/time';
import { voice } from '../../lib/voice';
import { Avatar } from '../../ui/Avatar';
import { Button } from '../../ui/Button';
import { IconButton } from '../../ui/IconButton';
import { Quote } from './Quote';
import { Ticks } from './Ticks';

interface Props {
  queued: Queued;
  head: boolean;
  name: string;
  nameOf(user: string): string;
  active: boolean;
  stop: boolean;
  names: Names;
}

/** A message of mine that has no place in the room yet. */
export function QueuedRow({ queued, head, name, nameOf, active, stop, names }: Props) {
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
        text: plain(queued.body),
        state: t(failed ? 'delivery.failed' : 'delivery.waiting'),
      })}
      className={cx(
        'relative grid touch:select-none grid-cols-[2.25rem_minmax(0,1fr)_auto] gap-x-3 rounded-box px-4 py-0.5 outline-offset-[-2px]',
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
        {queued.reply_to !== undefined && <Quote room={queued.room} seq={queued.reply_to} nameOf={nameOf} />}
        <Markdown text={queued.body} names={names} />
      </div>
      <div className="flex items-end pb-1">{!failed && <Ticks delivery="waiting" />}</div>
      {failed && <Failed queued={queued} />}
      {active && queued.state === 'queued' && <WaitingActions queued={queued} />}
    </article>
  );
}

function Failed({ queued }: { queued: Queued }) {
  const { t } = useTranslation();
  const { outbox } = useClient();
  const reason = useCodeText(queued.failure);
  return (
    <div className="col-span-2 col-start-2 flex flex-wrap items-center gap-x-2 gap-y-1 pt-1 text-danger text-note">
      <span className="flex gap-2">
        <CircleAlert aria-hidden size={16} className="mt-0.5 shrink-0" />
        <span>
          {t('delivery.failed')} {reason}
        </span>
      </span>
      <span className="flex gap-2">
        <Button look="outline" small onPress={() => void outbox.retry(queued.client_id)}>
          {t('delivery.retry')}
        </Button>
        <Button look="quiet" small onPress={({ target }) => drop(outbox, queued, target)}>
          {t('delivery.delete')}
        </Button>
      </span>
    </div>
  );
}

/** What can be done with a message while it waits. */
function WaitingActions({ queued }: { queued: Queued }) {
  const { t } = useTranslation();
  const { outbox } = useClient();
  return (
    <div
      data-actions
      className="absolute -top-4 touch:-top-9 end-3 flex rounded-full border border-line bg-raised p-0.5 shadow-lift"
    >
      <IconButton
        icon={SendHorizontal}
        label={t('delivery.send_now')}
        small
        onPress={() => void outbox.retry(queued.client_id)}
      />
      <IconButton
        icon={Trash2}
        label={t('delivery.cancel')}
        small
        onPress={({ target }) => drop(outbox, queued, target)}
      />
    </div>
  );
}

/** The focus goes to the next message, or to the one before, before this one is gone. */
function drop(outbox: Client['outbox'], queued: Queued, button: Element): void {
  const stops = [...document.querySelectorAll<HTMLElement>('#messages [data-stop]')];
  const here = stops.findIndex((row) => row.contains(button));
  const next = stops[here + 1] ?? stops[here - 1] ?? document.getElementById('composer');
  next?.focus();
  void outbox.cancel(queued.client_id);
}
