import { ChevronDown } from 'lucide-react';
import { useId } from 'react';
import { cx } from '../lib/cx';
import { inputLook } from './Field';

interface Props<T extends string> {
  label: string;
  value: T;
  options: readonly { id: NoInfer<T>; label: string }[];
  onChange(value: NoInfer<T>): void;
  hideLabel?: boolean;
  /** The label beside it, where there is space. */
  row?: boolean;
}

/** The platform's own list: small, and at its best on a phone. */
export function Select<T extends string>({
  label,
  value,
  options,
  onChange,
  hideLabel = false,
  row = false,
}: Props<T>) {
  const id = useId();
  return (
    <div className={cx('grid gap-x-4 gap-y-1.5', row && 'items-center lg:grid-cols-[minmax(0,1fr)_auto]')}>
      <label htmlFor={id} className={hideLabel ? 'sr-only' : cx('text-note', row ? 'font-medium' : 'font-semibold')}>
        {label}
      </label>
      <span className="relative">
        <select
          id={id}
          value={value}
          onChange={(event) => {
            const chosen = options.find((option) => option.id === event.target.value);
            if (chosen) onChange(chosen.id);
          }}
          className={`${inputLook} appearance-none pe-9`}
        >
          {options.map((option) => (
            <option key={option.id} value={option.id}>
              {option.label}
            </option>
          ))}
        </select>
        <ChevronDown
          aria-hidden
          size={16}
          className="pointer-events-none absolute end-3 top-1/2 -translate-y-1/2 text-soft"
        />
      </span>
    </div>
  );
}
