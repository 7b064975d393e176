import type { Failure } from '@chirm/client';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../lib/cx';
import { Button } from '../../ui/Button';
import { Empty } from '../../ui/Empty';
import { Problem } from '../../ui/Problem';
import { LineSkeleton } from '../../ui/Skeleton';

/** What a column tells. */
export type Head =
  | 'name'
  | 'kind'
  | 'members'
  | 'online'
  | 'messages'
  | 'created'
  | 'role'
  | 'presence'
  | 'read'
  | 'connections'
  | 'expires'
  | 'uses'
  | 'when'
  | 'who'
  | 'act'
  | 'target'
  | 'address'
  | 'actions';

interface Props<T> {
  label: string;
  heads: readonly Head[];
  items: readonly T[] | null;
  failure: Failure | null;
  more: (() => void) | null;
  row(item: T): ReactNode;
}

/**
 * A table in all its states. Where there is no space for its columns each row becomes a card, so that nothing scrolls
 * sideways; the roles are named because some browsers forget that what is not laid out as a table is one.
 */
export function Listing<T>({ label, heads, items, failure, more, row }: Props<T>) {
  const { t } = useTranslation();
  return (
    <div className="@container grid grid-cols-1 gap-3">
      <Problem failure={failure} />
      {!items && !failure && <LineSkeleton />}
      {items?.length === 0 && <Empty title={t('admin.nothing')} />}
      {items && items.length > 0 && (
        <table
          role="table"
          aria-label={label}
          className="w-full border-separate border-spacing-0 overflow-hidden rounded-box border border-line text-start text-note cards:block"
        >
          <thead role="rowgroup" className="bg-well text-soft cards:sr-only">
            <tr role="row">
              {heads.map((head) => (
                <th key={head} role="columnheader" scope="col" className="px-3.5 py-2.5 text-start font-semibold">
                  <span className={head === 'actions' ? 'sr-only' : undefined}>{t(`admin.head_${head}`)}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup" className="cards:block">
            {items.map(row)}
          </tbody>
        </table>
      )}
      {more && (
        <Button look="outline" small onPress={more} className="justify-self-center">
          {t('common.more')}
        </Button>
      )}
    </div>
  );
}

export function Row({ children }: { children: ReactNode }) {
  return (
    <tr
      role="row"
      className="cards:grid cards:grid-cols-[minmax(0,1fr)_auto] cards:items-start cards:gap-x-3 cards:gap-y-1.5 cards:border-line cards:border-b cards:p-3.5 cards:last:border-b-0"
    >
      {children}
    </tr>
  );
}

interface CellProps {
  /** Told beside the value on a card, above it in its title; without one the value speaks for itself. */
  head?: Head;
  /** What a card begins with, and what can be done, at its end. */
  at?: 'title' | 'actions';
  children: ReactNode;
}

export function Cell({ head, at, children }: CellProps) {
  const { t } = useTranslation();
  return (
    <td
      role="cell"
      className={cx(
        'border-line border-t px-3.5 py-2 cards:border-t-0 cards:p-0',
        at === 'title' && 'cards:self-center cards:font-medium',
        at === 'actions' && 'text-end cards:col-start-2 cards:row-start-1 cards:empty:hidden',
        !at && 'cards:col-span-2 cards:flex cards:items-center cards:justify-between cards:gap-x-4 cards:text-end',
      )}
    >
      {head && (
        <span aria-hidden className="hidden font-normal text-soft cards:block">
          {t(`admin.head_${head}`)}
        </span>
      )}
      {children}
    </td>
  );
}
