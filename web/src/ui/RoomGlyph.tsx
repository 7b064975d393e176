import type { Room } from '@chirm/client';
import { Hash, Lock } from 'lucide-react';
import { cx } from '../lib/cx';

/** The tile that stands for a channel (public) or a group (private). */
export function RoomGlyph({ kind, large = false }: { kind: Room['kind']; large?: boolean }) {
  const Icon = kind === 'channel' ? Hash : Lock;
  return (
    <span
      aria-hidden
      className={cx(
        'grid shrink-0 place-items-center bg-accent-soft text-on-accent-soft forced-edge',
        large ? 'size-16 rounded-2xl' : 'size-7 rounded-[0.6rem]',
      )}
    >
      <Icon size={large ? 26 : 15} strokeWidth={2.2} />
    </span>
  );
}
