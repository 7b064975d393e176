import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { localeOf } from '../../app/i18n';
import { cx } from '../../lib/cx';

interface Props {
  /** What describes the text field. */
  id: string;
  /** Below zero: so many too many. Null: far from the end. */
  left: number | null;
}

/** How much more may be written. Said aloud when it begins to matter and when it is too much, but not at each key. */
export function Counter({ id, left }: Props) {
  const { t, i18n } = useTranslation();
  const stage = left === null ? 'far' : left < 0 ? 'over' : 'near';
  const words = left === null ? '' : t(left < 0 ? 'composer.over' : 'composer.left', { count: Math.abs(left) });
  const [said, say] = useState('');
  // biome-ignore lint/correctness/useExhaustiveDependencies: only where it becomes something else
  useEffect(() => say(words), [stage]);
  return (
    <>
      <span role="status" className="sr-only">
        {said}
      </span>
      {left !== null && (
        <span
          title={words}
          className={cx('pb-3 text-tiny tabular-nums', left < 0 ? 'font-bold text-danger' : 'text-soft')}
        >
          <span aria-hidden dir="ltr">
            {new Intl.NumberFormat(localeOf(i18n.language)).format(left)}
          </span>
          <span id={id} className="sr-only">
            {words}
          </span>
        </span>
      )}
    </>
  );
}
