import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../lib/cx';
import type { CompletionKind } from './completionQuery';
import type { Option } from './options';

interface Props {
  id: string;
  kind: CompletionKind;
  options: readonly Option[];
  chosen: number;
  accept(option: Option): void;
}

export function CompletionList({ id, kind, options, chosen, accept }: Props) {
  const { t } = useTranslation();
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.children[chosen]?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  if (options.length === 0) return null;
  return (
    <div
      ref={list}
      id={id}
      role="listbox"
      aria-label={t(`composer.complete_${kind}`)}
      className="rise absolute start-0 bottom-full z-20 mb-2 max-h-80 w-full max-w-md overflow-y-auto rounded-box border border-line bg-raised p-1.5 shadow-lift"
    >
      {options.map((option, i) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the text keeps the focus and its keys choose here
        <div
          key={option.id}
          id={`${id}-${i}`}
          role="option"
          aria-selected={i === chosen}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => accept(option)}
          className={cx(
            'flex min-h-10 cursor-pointer items-center gap-2.5 rounded-lg px-2 touch:min-h-11',
            i === chosen ? 'bg-accent-soft' : 'hover:bg-hover',
          )}
        >
          {option.icon}
          <span dir="auto" className="max-w-[60%] shrink-0 truncate font-semibold">
            {option.label}
          </span>
          <span
            dir="auto"
            className={cx('min-w-0 truncate text-note', i === chosen ? 'text-on-accent-soft' : 'text-soft')}
          >
            {option.note}
          </span>
        </div>
      ))}
    </div>
  );
}
