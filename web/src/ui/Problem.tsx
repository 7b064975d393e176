import type { Failure } from '@chirm/client';
import { CircleAlert } from 'lucide-react';
import { cx } from '../lib/cx';
import { useFailureText } from '../lib/failureText';

/** What went wrong, said where it happened. */
export function Problem({ failure, className = '' }: { failure: Failure | null; className?: string }) {
  const text = useFailureText(failure);
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
