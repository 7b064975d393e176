import type { Failure } from '@chirm/client';
import { CircleAlert } from 'lucide-react';
import { cx } from '../lib/cx';
import { useFailureText } from '../lib/failureText';

interface Props {
  failure: Failure | null;
  /** What a code means just here, where that is more than it means anywhere. */
  here?: Partial<Record<Failure['code'], string>>;
  className?: string;
}

/** What went wrong, said where it happened. */
export function Problem({ failure, here, className = '' }: Props) {
  const general = useFailureText(failure);
  const text = (failure && here?.[failure.code]) ?? general;
  return (
    <div role="alert" className={cx('empty:hidden', className)}>
      {text && (
        <p className="flex gap-2.5 rounded-box bg-danger-soft px-3.5 py-2.5 text-danger text-note forced-edge">
          <CircleAlert aria-hidden size={18} className="shrink-0" />
          <span>{text}</span>
        </p>
      )}
    </div>
  );
}
