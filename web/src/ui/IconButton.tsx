import type { LucideIcon } from 'lucide-react';
import { Button as AriaButton, type ButtonProps, Tooltip, TooltipTrigger } from 'react-aria-components';
import { cx } from '../lib/cx';

interface Props extends ButtonProps {
  icon: LucideIcon;
  label: string;
  /** Also shown in the tooltip, such as a key. */
  hint?: string;
  small?: boolean;
  className?: string;
}

/** A button that is only an icon: its label is spoken, and shown on hover and focus. */
export function IconButton({ icon: Icon, label, hint, small, className, ...props }: Props) {
  return (
    <TooltipTrigger delay={500} closeDelay={0}>
      <AriaButton
        {...props}
        aria-label={label}
        className={cx(
          'inline-grid shrink-0 place-items-center rounded-full text-soft transition-colors hover:bg-hover hover:text-ink',
          'disabled:opacity-45 touch:size-11',
          small ? 'size-8' : 'size-10',
          className,
        )}
      >
        <Icon aria-hidden size={small ? 16 : 19} strokeWidth={1.9} />
      </AriaButton>
      <Tooltip offset={6} className="rise max-w-60 rounded-lg bg-ink px-2.5 py-1 text-note text-sheet forced-edge">
        {hint ? `${label} · ${hint}` : label}
      </Tooltip>
    </TooltipTrigger>
  );
}
