import { typists } from '@chirm/client';
import { useTranslation } from 'react-i18next';
import { useSelect } from '../../app/ClientContext';
import { names } from '../../lib/time';

const NAMED = 3;

/** Who is typing. Not read aloud: it would interrupt all the time. Always takes its line, so nothing jumps. */
export function TypingLine({ room }: { room: string }) {
  const { t } = useTranslation();
  const who = useSelect((state) => typists(state, room).map((user) => state.people[user]?.display_name ?? '…'));
  const text =
    who.length > NAMED
      ? t('typing.many', { count: who.length })
      : t('typing.some', { count: who.length, names: names(who) });
  return (
    <div aria-hidden className="mx-auto flex h-6 w-full max-w-[56rem] items-center gap-2 px-5 text-soft text-tiny">
      {who.length > 0 && (
        <>
          <span className="flex gap-0.5">
            {[0, 1, 2].map((dot) => (
              <span key={dot} className="typing-dot drop size-1.5 bg-accent" />
            ))}
          </span>
          <span className="truncate">{text}</span>
        </>
      )}
    </div>
  );
}
