import { Button as AriaButton, type ButtonProps } from 'react-aria-components';
import { cx } from '../lib/cx';

type Look = 'primary' | 'quiet' | 'outline' | 'danger';

const LOOKS: Record<Look, string> = {
  primary: 'bg-accent text-on-accent hover:bg-accent-strong',
  quiet: 'text-ink hover:bg-hover',
  outline: 'border border-edge text-ink hover:bg-hover',
  danger: 'bg-danger text-on-danger hover:opacity-90',
};

interface Props extends ButtonProps {
  look?: Look;
  small?: boolean;
  className?: string;
}

export function Button({ look = 'primary', small, className, ...props }: Props) {
  return (
    <AriaButton
      {...props}
      className={cx(
        'inline-flex items-center justify-center gap-2 rounded-box font-semibold transition-colors',
        'disabled:cursor-not-allowed disabled:opacity-55 pending:opacity-70 touch:min-h-11',
        small ? 'min-h-9 px-3 text-note' : 'min-h-11 px-4',
        LOOKS[look],
        className,
      )}
    />
  );
}
