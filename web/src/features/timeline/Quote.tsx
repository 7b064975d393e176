import { messageAt } from '@chirm/client';
import { CornerDownRight } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useSelect } from '../../app/ClientContext';

interface Props {
  room: string;
  seq: number;
  nameOf(user: string): string;
}

/** The message that is answered, in a line; leads to it. */
export function Quote({ room, seq, nameOf }: Props) {
  const { t } = useTranslation();
  const original = useSelect(({ timelines }) => {
    const timeline = timelines[room];
    return timeline && messageAt(timeline, seq);
  });
  return (
    <Link
      href={`/r/${room}/${seq}`}
      className="mb-0.5 flex min-w-0 max-w-full items-center gap-1.5 text-note text-soft hover:text-ink touch:min-h-11"
    >
      <CornerDownRight aria-hidden size={14} className="shrink-0" />
      {original ? (
        <span dir="auto" className="truncate">
          <b className="font-semibold">{nameOf(original.author)}</b> {original.body}
        </span>
      ) : (
        t('message.answers', { seq })
      )}
    </Link>
  );
}
