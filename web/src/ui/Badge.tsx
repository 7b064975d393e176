import { AtSign } from 'lucide-react';
import { useTranslation } from 'react-i18next';

const MOST = 99;

function shown(count: number): string {
  return count > MOST ? `${MOST}+` : String(count);
}

/** A dot: marked by hand, so there is nothing to count. */
export function MarkedBadge() {
  const { t } = useTranslation();
  return (
    <span className="inline-grid size-5 shrink-0 place-items-center">
      <span aria-hidden className="size-2.5 rounded-full bg-accent forced-edge" />
      <span className="sr-only">{t('room.marked')}</span>
    </span>
  );
}

/** Round and calm for unread; square with an at-sign where I was called by name. */
export function UnreadBadge({ unread, mentions }: { unread: number; mentions: number }) {
  const { t } = useTranslation();
  if (mentions > 0) {
    return (
      <span className="inline-flex h-5 items-center gap-px rounded-md bg-ember ps-1 pe-1.5 font-bold text-on-ember text-tiny tabular-nums forced-edge">
        <AtSign aria-hidden size={11} strokeWidth={2.8} />
        <span aria-hidden>{shown(mentions)}</span>
        <span className="sr-only">{t('room.mentions', { count: mentions })}</span>
      </span>
    );
  }
  if (unread === 0) return null;
  return (
    <span className="inline-grid h-5 min-w-5 place-items-center rounded-full bg-accent-soft px-1.5 font-bold text-on-accent-soft text-tiny tabular-nums forced-edge">
      <span aria-hidden>{shown(unread)}</span>
      <span className="sr-only">{t('room.unread', { count: unread })}</span>
    </span>
  );
}
