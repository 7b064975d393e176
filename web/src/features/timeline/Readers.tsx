import { useTranslation } from 'react-i18next';
import { names } from '../../lib/time';
import { Avatar } from '../../ui/Avatar';

const SHOWN = 4;

/** Who has read up to here. */
export function Readers({ users, nameOf }: { users: readonly string[]; nameOf(user: string): string }) {
  const { t } = useTranslation();
  const label = t('delivery.readers', { names: names(users.map(nameOf)) });
  return (
    <span role="img" aria-label={label} title={label} className="flex items-center -space-x-1 rtl:space-x-reverse">
      {users.slice(0, SHOWN).map((user) => (
        <Avatar key={user} id={user} name={nameOf(user)} size="tiny" />
      ))}
      {users.length > SHOWN && <span className="ps-1.5 text-soft text-tiny">+{users.length - SHOWN}</span>}
    </span>
  );
}
