import { useTranslation } from 'react-i18next';
import { cx } from '../../lib/cx';
import { Avatar } from '../../ui/Avatar';
import type { Candidate } from './mentionQuery';

interface Props {
  id: string;
  options: readonly Candidate[];
  chosen: number;
  accept(person: Candidate): void;
}

export function MentionList({ id, options, chosen, accept }: Props) {
  const { t } = useTranslation();
  if (options.length === 0) return null;
  return (
    <div
      id={id}
      role="listbox"
      aria-label={t('composer.mention')}
      className="rise absolute start-0 bottom-full z-20 mb-2 w-full max-w-80 rounded-box border border-line bg-raised p-1.5 shadow-lift"
    >
      {options.map((person, i) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the text keeps the focus and its keys choose here
        <div
          key={person.id}
          id={`${id}-${i}`}
          role="option"
          aria-selected={i === chosen}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => accept(person)}
          className={cx(
            'flex min-h-10 cursor-pointer items-center gap-2.5 rounded-lg px-2 touch:min-h-11',
            i === chosen && 'bg-accent-soft',
          )}
        >
          <Avatar id={person.id} name={person.display_name} size="small" />
          <span dir="auto" className="truncate font-semibold">
            {person.display_name}
          </span>
          <span className="truncate text-note text-soft">@{person.username}</span>
        </div>
      ))}
    </div>
  );
}
