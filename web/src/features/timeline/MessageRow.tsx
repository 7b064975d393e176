import type { Delivery, Message } from '@chirm/client';
import { Megaphone } from 'lucide-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../lib/cx';
import { Markdown } from '../../lib/markdown/Markdown';
import type { Names } from '../../lib/markdown/names';
import { plain } from '../../lib/markdown/plain';
import { bareTime, clockTime, fullTime } from '../../lib/time';
import { voice } from '../../lib/voice';
import { Avatar } from '../../ui/Avatar';
import { MessageActions } from './MessageActions';
import { Quote } from './Quote';
import { Readers } from './Readers';
import { Ticks } from './Ticks';

interface Props {
  id: string;
  message: Message;
  head: boolean;
  name: string;
  /** Null for the messages of others. */
  delivery: Delivery | null;
  readers: readonly string[] | undefined;
  nameOf(user: string): string;
  names: Names;
  active: boolean;
  stop: boolean;
}

export const MessageRow = memo(function MessageRow(props: Props) {
  const { id, message, head, name, delivery, readers, nameOf, names, active, stop } = props;
  const { t } = useTranslation();
  const at = Date.parse(message.created_at);
  const text = message.deleted_at ? t('message.deleted') : message.body;
  const announced = message.client_id === null;
  return (
    <article
      data-row={id}
      data-seq={message.seq}
      data-stop
      tabIndex={stop ? 0 : -1}
      aria-label={t('message.label', { name, time: clockTime(at), text: plain(text) })}
      className={cx(
        'group relative grid touch:select-none grid-cols-[2.25rem_minmax(0,1fr)_auto] gap-x-3 rounded-box px-4 py-0.5 outline-offset-[-2px]',
        active && 'bg-hover',
        head && 'mt-3',
        announced && 'bg-accent-soft/50 py-2',
      )}
    >
      {head ? (
        <Avatar id={message.author} name={name} />
      ) : (
        <span aria-hidden className="pt-1 text-end text-[0.6875rem] text-soft whitespace-nowrap tabular-nums">
          {active && (
            <time dateTime={message.created_at} title={fullTime(at)}>
              {bareTime(at)}
            </time>
          )}
        </span>
      )}
      <div className="min-w-0">
        {head && (
          <p className="flex items-baseline gap-2 leading-snug">
            <span dir="auto" style={voice(message.author)} className="voice truncate font-bold text-voice-name">
              {name}
            </span>
            {announced && (
              <Megaphone
                role="img"
                aria-label={t('message.announcement')}
                size={14}
                className="self-center text-accent"
              />
            )}
            <time dateTime={message.created_at} title={fullTime(at)} className="shrink-0 text-soft text-tiny">
              {clockTime(at)}
            </time>
          </p>
        )}
        {message.reply_to != null && <Quote room={message.room} seq={message.reply_to} nameOf={nameOf} />}
        {message.deleted_at ? (
          <p className="text-soft italic">{text}</p>
        ) : (
          <Markdown text={message.body} names={names} />
        )}
        {message.edited_at && !message.deleted_at && <span className="text-soft text-tiny">{t('message.edited')}</span>}
      </div>
      <div className="flex items-end gap-1.5 pb-1">
        {readers && readers.length > 0 && <Readers message={message} users={readers} nameOf={nameOf} />}
        {delivery && <Ticks delivery={delivery} />}
      </div>
      {active && <MessageActions message={message} nameOf={nameOf} />}
    </article>
  );
});
