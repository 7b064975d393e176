import type { Failure } from '@chirm/client';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../ui/Button';
import { Empty } from '../../ui/Empty';
import { Problem } from '../../ui/Problem';
import { LineSkeleton } from '../../ui/Skeleton';

interface Props<T> {
  label: string;
  heads: readonly string[];
  items: readonly T[] | null;
  failure: Failure | null;
  more: (() => void) | null;
  row(item: T): ReactNode;
}

/** A table in all its states. On a phone it scrolls in itself, never the page. */
export function Listing<T>({ label, heads, items, failure, more, row }: Props<T>) {
  const { t } = useTranslation();
  return (
    <div className="grid gap-3">
      <Problem failure={failure} />
      {!items && !failure && <LineSkeleton />}
      {items?.length === 0 && <Empty title={t('admin.nothing')} />}
      {items && items.length > 0 && (
        <section
          aria-label={label}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, so the keyboard must reach it
          tabIndex={0}
          className="relative overflow-x-auto rounded-box border border-line"
        >
          <table className="w-full min-w-160 border-collapse text-start text-note">
            <thead>
              <tr className="bg-well text-soft">
                {heads.map((head, i) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: the heads never change places
                  <th key={i} scope="col" className="px-3.5 py-2.5 text-start font-semibold">
                    {head || <span className="sr-only">{t('admin.actions')}</span>}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody className="divide-y divide-line">{items.map(row)}</tbody>
          </table>
        </section>
      )}
      {more && (
        <Button look="outline" small onPress={more} className="justify-self-center">
          {t('common.more')}
        </Button>
      )}
    </div>
  );
}

export function Cell({ children, end = false }: { children: ReactNode; end?: boolean }) {
  return <td className={`px-3.5 py-2 ${end ? 'text-end tabular-nums' : ''}`}>{children}</td>;
}
