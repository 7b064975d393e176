import { original } from '@chirm/client';
import { CornerDownRight } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';
import { useClient, useSelect } from '../../app/ClientContext';
import { plain } from '../../lib/markdown/plain';

interface Props {
  room: string;
  seq: number;
  nameOf(user: string): string;
}

/** The message that is answered, in a line; leads to it. */
export function Quote({ room, seq, nameOf }: Props) {
  const { t } = useTranslation();
  const { originals } = useClient();
  const [, navigate] = useLocation();
  const online = useSelect((state) => state.connection.kind === 'online');
  const message = useSelect((state) => original(state, room, seq));
  const missing = message === undefined;
  useEffect(() => {
    if (missing && online) void originals.want(room, seq);
  }, [originals, room, seq, missing, online]);
  const place = `/r/${room}/${seq}`;
  return (
    <Link
      href={place}
      onClick={(event) => {
        event.preventDefault();
        // Each time anew, also where the address stays the same.
        navigate(place, { state: { jump: Date.now() } });
      }}
      className="mb-0.5 flex min-w-0 max-w-full items-center gap-1.5 text-note text-soft hover:text-ink touch:min-h-11"
    >
      <CornerDownRight aria-hidden size={14} className="shrink-0" />
      {message ? (
        <span dir="auto" className="truncate">
          <b className="font-semibold">{nameOf(message.author)}</b>{' '}
          {message.deleted_at ? t('message.deleted') : plain(message.body)}
        </span>
      ) : (
        t('message.answers', { seq })
      )}
    </Link>
  );
}
