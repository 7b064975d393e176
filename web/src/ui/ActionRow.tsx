import type { LucideIcon } from 'lucide-react';
import { Button } from 'react-aria-components';
import { cx } from '../lib/cx';

interface Props {
  icon?: LucideIcon | undefined;
  label: string;
  act(): void;
  danger?: boolean | undefined;
}

export function ActionRow({ icon: Icon, label, act, danger }: Props) {
  return (
    <Button
      onPress={act}
      className={cx(
        'flex min-h-11 items-center gap-3.5 rounded-box px-3 text-start font-medium transition-colors hover:bg-hover',
        danger && 'text-danger',
      )}
    >
      {Icon && <Icon aria-hidden size={18} className={cx('shrink-0', !danger && 'text-soft')} />}
      {label}
    </Button>
  );
}
