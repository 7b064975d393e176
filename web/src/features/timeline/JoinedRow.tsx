import { useTranslation } from 'react-i18next';
import { names } from '../../lib/time';

/** So many are named; of more, how many. */
const NAMED = 3;

/** Who came in, however many, in one line. */
export function JoinedRow({
  id,
  users,
  nameOf,
}: {
  id: string;
  users: readonly string[];
  nameOf(user: string): string;
}) {
  const { t } = useTranslation();
  const text =
    users.length > NAMED
      ? t('timeline.joined_many', { name: nameOf(users[0] ?? ''), count: users.length - 1 })
      : t('timeline.joined', { names: names(users.map(nameOf)) });
  return (
    <p data-row={id} dir="auto" className="my-2 px-4 text-center text-note text-soft" title={names(users.map(nameOf))}>
      {text}
    </p>
  );
}
