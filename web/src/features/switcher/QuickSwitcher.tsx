import { roomList } from '@chirm/client';
import { useState } from 'react';
import { Autocomplete, Input, ListBox, ListBoxItem, SearchField } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { useSelect } from '../../app/ClientContext';
import { useOpenDirect } from '../../lib/useOpenDirect';
import { useUserSearch } from '../../lib/useUserSearch';
import { Avatar } from '../../ui/Avatar';
import { UnreadBadge } from '../../ui/Badge';
import { Dialog } from '../../ui/Dialog';
import { inputLook } from '../../ui/Field';
import { RoomGlyph } from '../../ui/RoomGlyph';
import { roomTitle } from '../rooms/roomName';
import { matching } from './matching';

const PERSON = 'person:';

/** Type a few letters, press Enter, be there: rooms first, then people. */
export function QuickSwitcher({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const [, navigate] = useLocation();
  const [query, setQuery] = useState('');
  const rooms = matching(useSelect(roomList), query);
  const peers = new Set(rooms.flatMap((room) => (room.peer ? [room.peer.id] : [])));
  const { found } = useUserSearch(query);
  const people = query ? found.filter((user) => !peers.has(user.id)).slice(0, 5) : [];
  const direct = useOpenDirect(onClose);

  const go = (key: string) => {
    if (key.startsWith(PERSON)) return direct.run(key.slice(PERSON.length));
    navigate(`/r/${key}`);
    onClose();
  };

  return (
    <Dialog title={t('switcher.title')} onClose={onClose} wide>
      <Autocomplete inputValue={query} onInputChange={setQuery}>
        <SearchField aria-label={t('switcher.title')} autoFocus>
          <Input className={inputLook} placeholder={t('switcher.placeholder')} />
        </SearchField>
        <ListBox
          aria-label={t('switcher.results')}
          onAction={(key) => go(String(key))}
          renderEmptyState={() => <p className="p-4 text-center text-soft">{t('switcher.none')}</p>}
          className="-mx-2 max-h-[50dvh] min-h-32 overflow-y-auto outline-none"
        >
          {rooms.map((room) => (
            <ListBoxItem key={room.id} id={room.id} textValue={roomTitle(room)} className={ITEM}>
              {room.peer ? (
                <Avatar id={room.peer.id} name={roomTitle(room)} size="small" />
              ) : (
                <RoomGlyph kind={room.kind} />
              )}
              <span dir="auto" className="min-w-0 flex-1 truncate">
                {roomTitle(room)}
              </span>
              <UnreadBadge unread={room.unread} mentions={room.mentions} />
            </ListBoxItem>
          ))}
          {people.map((user) => (
            <ListBoxItem key={user.id} id={PERSON + user.id} textValue={user.display_name} className={ITEM}>
              <Avatar id={user.id} name={user.display_name} size="small" />
              <span dir="auto" className="min-w-0 flex-1 truncate">
                {user.display_name}{' '}
                <span dir="ltr" className="text-soft">
                  @{user.username}
                </span>
              </span>
              <span className="text-soft text-tiny">{t('switcher.person')}</span>
            </ListBoxItem>
          ))}
        </ListBox>
      </Autocomplete>
    </Dialog>
  );
}

const ITEM =
  'flex min-h-11 cursor-pointer items-center gap-3 rounded-box px-3 outline-offset-[-2px] hover:bg-hover focus:bg-accent-soft';
