import { useTranslation } from 'react-i18next';
import { cx } from '../../lib/cx';
import { voice } from '../../lib/voice';

/** Columns of drops: many voices at once. Size and place follow from the index, so the picture is always the same. */
const DROPS = Array.from({ length: 84 }, (_, i) => ({
  id: `voice-${i}`,
  size: 0.28 + 0.72 * Math.abs(Math.sin(i * 1.7) * Math.cos(i * 0.31)),
  quiet: (i * 7) % 5 === 0,
}));

export function Chorus() {
  const { t } = useTranslation();
  return (
    <div className="relative overflow-hidden max-md:h-40">
      <div
        aria-hidden
        className="absolute inset-0 grid grid-cols-12 place-items-center gap-1 p-6 md:grid-cols-7 md:p-12"
      >
        {DROPS.map(({ id, size, quiet }) => (
          <span
            key={id}
            style={{ ...voice(id), width: `${size * 100}%`, opacity: quiet ? 0.35 : 0.9 }}
            className={cx('voice drop aspect-square max-w-14', quiet ? 'bg-line' : 'bg-voice-bg')}
          />
        ))}
      </div>
      <p className="absolute start-12 bottom-12 max-w-xs rounded-2xl bg-frame/90 p-4 text-soft max-md:hidden">
        {t('auth.motto')}
      </p>
    </div>
  );
}
