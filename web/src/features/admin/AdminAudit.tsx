import type { AuditEntry } from '@chirm/client';
import { useCallback, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient, useSelect } from '../../app/ClientContext';
import { dateTime } from '../../lib/time';
import { Cell, Listing, Row } from './Listing';
import { usePaged } from './usePaged';

/** What administrators did, newest first. */
export function AdminAudit() {
  const { t } = useTranslation();
  const client = useClient();
  const people = useSelect((state) => state.people);
  const fetchPage = useCallback(
    async (cursor?: string) => {
      const page = await client.api.admin.audit(cursor ? { cursor } : {});
      return { items: page.entries, next: page.next_cursor ?? null };
    },
    [client],
  );
  const { items, failure, more } = usePaged<AuditEntry>(fetchPage);
  useEffect(() => {
    void client.people.meet((items ?? []).flatMap(({ actor, target }) => [actor, target]));
  }, [client, items]);

  const name = (id: string | null) => (id ? (people[id]?.display_name ?? id) : t('admin.nobody'));
  return (
    <Listing
      label={t('admin.tab_audit')}
      heads={['when', 'who', 'act', 'target', 'address']}
      items={items}
      failure={failure}
      more={more}
      row={(entry) => (
        <Row key={entry.id}>
          <Cell at="title">{dateTime(Date.parse(entry.at))}</Cell>
          <Cell head="who">{name(entry.actor)}</Cell>
          <Cell head="act">
            <code>{entry.act}</code>
          </Cell>
          <Cell head="target">{entry.target ? name(entry.target) : '–'}</Cell>
          <Cell head="address">{entry.address ?? '–'}</Cell>
        </Row>
      )}
    />
  );
}
