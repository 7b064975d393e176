import { useState } from 'react';
import { Button } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useOpenDirect } from '../../lib/useOpenDirect';
import { useUserSearch } from '../../lib/useUserSearch';
import { Avatar } from '../../ui/Avatar';
import { Dialog } from '../../ui/Dialog';
import { Field } from '../../ui/Field';
import { Problem } from '../../ui/Problem';

export function NewDirect({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const [query, setQuery] = useState('');
  const { found, failure, settled } = useUserSearch(query);
  const open = useOpenDirect(onClose);
  return (
    <Dialog title={t('create.direct')} onClose={onClose}>
      <Field label={t('people.search')} value={query} onChange={setQuery} input={{ autoComplete: 'off' }} autoFocus />
      <Problem failure={failure ?? open.failure} />
      <ul className="-mx-2 max-h-80 min-h-40 overflow-y-auto" aria-label={t('people.found')}>
        {found.map((person) => (
          <li key={person.id}>
            <Button
              onPress={() => open.run(person.id)}
              isDisabled={open.busy}
              className="flex min-h-12 w-full items-center gap-3 rounded-box px-2 text-start outline-offset-[-2px] hover:bg-hover"
            >
              <Avatar id={person.id} name={person.display_name} />
              <span className="min-w-0 flex-1 leading-tight">
                <span dir="auto" className="block truncate font-medium">
                  {person.display_name}
                </span>
                <span dir="ltr" className="block truncate text-note text-soft">
                  @{person.username}
                </span>
              </span>
            </Button>
          </li>
        ))}
        {settled && !failure && found.length === 0 && <li className="p-4 text-center text-soft">{t('people.none')}</li>}
      </ul>
    </Dialog>
  );
}
