import { Failure, type Room } from '@chirm/client';
import { Plus } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient } from '../../app/ClientContext';
import { Button } from '../../ui/Button';
import { Empty } from '../../ui/Empty';
import { Field } from '../../ui/Field';
import { Page } from '../../ui/Page';
import { Problem } from '../../ui/Problem';
import { LineSkeleton } from '../../ui/Skeleton';
import { useOpenDialog } from '../shell/Dialogs';
import { ChannelRow } from './ChannelRow';

export default function BrowsePage() {
  const { t } = useTranslation();
  const open = useOpenDialog();
  const [query, setQuery] = useState('');
  const { rooms, failure } = usePublicRooms(query);
  return (
    <Page
      title={t('browse.title')}
      aside={
        <Button onPress={() => open('create_channel')}>
          <Plus aria-hidden size={18} />
          {t('nav.new_channel')}
        </Button>
      }
    >
      <Field label={t('browse.search')} value={query} onChange={setQuery} input={{ autoComplete: 'off' }} />
      <Problem failure={failure} />
      {!rooms && !failure && <LineSkeleton />}
      {rooms?.length === 0 && <Empty title={t('browse.none')} text={t('browse.none_text')} />}
      <ul className="grid gap-1">
        {rooms?.map((room) => (
          <ChannelRow key={room.id} room={room} />
        ))}
      </ul>
    </Page>
  );
}

function usePublicRooms(query: string) {
  const { api } = useClient();
  const [rooms, setRooms] = useState<Room[] | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  useEffect(() => {
    let stale = false;
    api.publicRooms(query.trim().replace(/^#/, ''), { limit: 100 }).then(
      (page) => {
        if (stale) return;
        setRooms(page.rooms);
        setFailure(null);
      },
      (cause) => stale || setFailure(cause instanceof Failure ? cause : new Failure('internal')),
    );
    return () => {
      stale = true;
    };
  }, [api, query]);
  return { rooms, failure };
}
