import type { CSSProperties } from 'react';
import { useTranslation } from 'react-i18next';

const VOICES = 120;
/** Successive voices stand at this angle to each other, as seeds in a sunflower do: no two in line, none in the way. */
const GOLDEN_ANGLE = 137.508;

/** Many voices around one place: each drop points at the middle, and its hue is the direction it comes from. */
const DROPS = Array.from({ length: VOICES }, (_, i) => {
  const n = i + 6;
  const angle = n * GOLDEN_ANGLE;
  const radius = Math.sqrt(n / (VOICES + 6));
  const radians = (angle * Math.PI) / 180;
  const style = {
    '--h': angle % 360,
    left: `${50 + 50 * radius * Math.cos(radians)}%`,
    top: `${50 + 50 * radius * Math.sin(radians)}%`,
    width: `${1.4 + radius * 4.2}%`,
    opacity: 1 - radius * 0.45,
    transform: `translate(-50%, -50%) rotate(${angle + 45}deg)`,
  } as CSSProperties;
  return { key: n, style };
});

export function Chorus() {
  const { t } = useTranslation();
  return (
    <header className="relative grid place-items-center overflow-hidden max-md:h-44">
      <div aria-hidden className="relative aspect-square w-[min(96%,88dvh)] max-md:w-128" dir="ltr">
        {DROPS.map(({ key, style }) => (
          <span key={key} style={style} className="voice drop absolute aspect-square bg-voice-bg" />
        ))}
      </div>
      <p className="absolute start-10 bottom-10 max-w-64 text-balance text-note text-soft max-xl:hidden">
        {t('auth.motto')}
      </p>
    </header>
  );
}
