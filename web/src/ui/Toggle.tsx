import { useId } from 'react';
import { Switch } from 'react-aria-components';

interface Props {
  label: string;
  hint: string;
  on: boolean;
  set(on: boolean): void;
}

/** One thing that is so or not; holds at once. */
export function Toggle({ label, hint, on, set }: Props) {
  const id = useId();
  return (
    <Switch
      isSelected={on}
      onChange={set}
      aria-describedby={id}
      className="group flex min-h-11 cursor-pointer items-center justify-between gap-4"
    >
      <span>
        <span className="block font-medium text-note">{label}</span>
        <span id={id} className="block text-note text-soft">
          {hint}
        </span>
      </span>
      <span
        aria-hidden
        className="flex h-7 w-12 shrink-0 items-center rounded-full border border-edge bg-well px-1 transition-colors group-focus-visible:outline-2 group-focus-visible:outline-accent group-focus-visible:outline-offset-2 group-selected:border-accent group-selected:bg-accent forced-choice group-selected:justify-end"
        data-selected={on || undefined}
      >
        <span className="size-5 rounded-full bg-soft transition-colors group-selected:bg-on-accent" />
      </span>
    </Switch>
  );
}
