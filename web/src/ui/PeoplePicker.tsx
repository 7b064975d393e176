import type { Person } from '@chirm/client';
import { Check, X } from 'lucide-react';
import { useState } from 'react';
import { Button, Tag, TagGroup, TagList } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useUserSearch } from '../lib/useUserSearch';
import { Avatar } from './Avatar';
import { Field } from './Field';
import { Problem } from './Problem';

interface Props {
  chosen: readonly Person[];
  onChange(chosen: Person[]): void;
  autoFocus?: boolean;
  /** Who is there already, and is not offered. */
  without?: ReadonlySet<string>;
}

const nobody: ReadonlySet<string> = new Set();

/** Finds people by name and gathers them. */
export function PeoplePicker({ chosen, onChange, autoFocus = false, without = nobody }: Props) {
  const { t } = useTranslation();
  const [query, setQuery] = useState('');
  const { found, failure } = useUserSearch(query);
  const has = (id: string) => chosen.some((person) => person.id === id);
  const toggle = (person: Person) =>
    onChange(has(person.id) ? chosen.filter((other) => other.id !== person.id) : [...chosen, person]);
  return (
    <div className="grid gap-3">
      {chosen.length > 0 && (
        <TagGroup
          aria-label={t('people.chosen')}
          onRemove={(keys) => onChange(chosen.filter(({ id }) => !keys.has(id)))}
        >
          <TagList className="flex flex-wrap gap-1.5">
            {chosen.map(({ id, display_name }) => (
              <Tag
                key={id}
                id={id}
                textValue={display_name}
                className="flex min-h-9 items-center gap-1.5 rounded-full bg-accent-soft ps-3 pe-1 touch:min-h-11 text-note text-on-accent-soft"
              >
                {display_name}
                <Button
                  slot="remove"
                  aria-label={t('people.remove', { name: display_name })}
                  className="grid size-7 place-items-center rounded-full hover:bg-hover touch:size-11"
                >
                  <X aria-hidden size={14} />
                </Button>
              </Tag>
            ))}
          </TagList>
        </TagGroup>
      )}
      <Field
        label={t('people.search')}
        value={query}
        onChange={setQuery}
        input={{ autoComplete: 'off' }}
        autoFocus={autoFocus}
      />
      <Problem failure={failure} />
      <ul className="max-h-64 overflow-y-auto" aria-label={t('people.found')}>
        {found
          .filter(({ id }) => !without.has(id))
          .map((person) => (
            <li key={person.id}>
              <Button
                onPress={() => toggle(person)}
                aria-pressed={has(person.id)}
                className="flex min-h-11 w-full items-center gap-3 rounded-box px-2 text-start outline-offset-[-2px] hover:bg-hover"
              >
                <Avatar id={person.id} name={person.display_name} size="small" />
                <span className="min-w-0 flex-1 truncate">
                  <span className="font-medium">{person.display_name}</span>{' '}
                  <span dir="ltr" className="text-note text-soft">
                    @{person.username}
                  </span>
                </span>
                {has(person.id) && <Check aria-hidden size={18} className="text-accent" />}
              </Button>
            </li>
          ))}
      </ul>
    </div>
  );
}
