import type { CreateInviteReply, Invite } from '@chirm/client';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient } from '../../app/ClientContext';
import { dateTime } from '../../lib/time';
import { useAction } from '../../lib/useAction';
import { Button } from '../../ui/Button';
import { Problem } from '../../ui/Problem';
import { CreateInvite } from './CreateInvite';
import { InviteLink } from './InviteLink';
import { Cell, Listing, Row } from './Listing';
import { usePaged } from './usePaged';

export function AdminInvites() {
  const { t } = useTranslation();
  const { api } = useClient();
  const [made, setMade] = useState<CreateInviteReply | null>(null);
  const fetchPage = useCallback(async () => ({ items: (await api.admin.invites()).invites, next: null }), [api]);
  const { items, failure, reload } = usePaged<Invite>(fetchPage);
  return (
    <div className="grid gap-4">
      <CreateInvite
        onCreated={(reply) => {
          setMade(reply);
          reload();
        }}
      />
      {made && <InviteLink url={made.url} />}
      <Listing
        label={t('admin.tab_invites')}
        heads={['created', 'expires', 'uses', 'actions']}
        items={items}
        failure={failure}
        more={null}
        row={(invite) => <InviteRow key={invite.id} invite={invite} onRevoked={reload} />}
      />
    </div>
  );
}

function InviteRow({ invite, onRevoked }: { invite: Invite; onRevoked(): void }) {
  const { t } = useTranslation();
  const { api } = useClient();
  const { run, busy, failure } = useAction(() => api.admin.revokeInvite(invite.id), onRevoked);
  return (
    <Row>
      <Cell at="title" head="created">
        {dateTime(Date.parse(invite.created_at))}
      </Cell>
      <Cell head="expires">{invite.expires_at ? dateTime(Date.parse(invite.expires_at)) : t('admin.never')}</Cell>
      <Cell head="uses">{invite.uses_left ?? t('admin.unlimited')}</Cell>
      <Cell at="actions">
        <Problem failure={failure} />
        <Button
          look="outline"
          small
          onPress={run}
          isPending={busy}
          aria-label={t('admin.revoke_of', { date: dateTime(Date.parse(invite.created_at)) })}
        >
          {t('admin.revoke')}
        </Button>
      </Cell>
    </Row>
  );
}
