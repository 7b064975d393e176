import type { PresenceState } from '@chirm/client';
import { useTranslation } from 'react-i18next';
import { cx } from '../lib/cx';
import { initials, voice } from '../lib/voice';

interface Props {
  id: string;
  name: string;
  size?: 'tiny' | 'small' | 'normal' | 'large';
  presence?: PresenceState | undefined;
}

const SIZES = {
  tiny: 'size-4.5 text-[0.5rem]',
  small: 'size-7 text-[0.6875rem]',
  normal: 'size-9 text-note',
  large: 'size-16 text-xl',
};

/** Decoration beside a name; only the presence is spoken. */
export function Avatar({ id, name, size = 'normal', presence }: Props) {
  return (
    <span className="relative block h-fit w-fit shrink-0">
      <span
        aria-hidden
        style={voice(id)}
        className={cx(
          'voice drop grid place-items-center bg-voice-bg font-bold text-voice-ink forced-edge',
          SIZES[size],
        )}
      >
        {initials(name)}
      </span>
      {presence && presence !== 'offline' && <PresenceDot state={presence} />}
    </span>
  );
}

/** Filled for here, hollow for away: told apart by shape as well as by colour. */
function PresenceDot({ state }: { state: 'online' | 'away' }) {
  const { t } = useTranslation();
  return (
    <span
      role="img"
      aria-label={t(`presence.${state}`)}
      className={cx(
        'absolute -end-0.5 -bottom-0.5 size-3 rounded-full border-2 border-sheet',
        state === 'online' ? 'bg-live forced-fill' : 'bg-sheet ring-2 ring-edge ring-inset',
      )}
    />
  );
}
