import type { AdminUser } from '@chirm/client';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient } from '../../app/ClientContext';
import { Field } from '../../ui/Field';
import { AdminUserRow } from './AdminUserRow';
import { Listing } from './Listing';
import { usePaged } from './usePaged';

export function AdminUsers() {
  const { t } = useTranslation();
  const { api } = useClient();
  const [q, setQ] = useState('');
  const fetchPage = useCallback(
    async (cursor?: string) => {
      const page = await api.admin.users(q, cursor ? { cursor } : {});
      return { items: page.users, next: page.next_cursor ?? null };
    },
    [api, q],
  );
  const { items, failure, more, reload } = usePaged<AdminUser>(fetchPage);
  return (
    <div className="grid gap-4">
      <Field label={t('admin.search')} value={q} onChange={setQ} input={{ autoComplete: 'off' }} />
      <Listing
        label={t('admin.tab_users')}
        heads={['name', 'role', 'connections', 'created', 'actions']}
        items={items}
        failure={failure}
        more={more}
        row={(user) => <AdminUserRow key={user.id} user={user} onChanged={reload} />}
      />
    </div>
  );
}
