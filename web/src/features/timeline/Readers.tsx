import type { Message } from '@chirm/client';
import { useState } from 'react';
import { Button } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { names } from '../../lib/time';
import { Avatar } from '../../ui/Avatar';
import { ReceiptsDialog } from './ReceiptsDialog';

const SHOWN = 4;

interface Props {
  message: Message;
  users: readonly string[];
  nameOf(user: string): string;
}

/** Who has read up to here. Opens the whole list, as the message's menu does for those who come by key. */
export function Readers({ message, users, nameOf }: Props) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const label = t('delivery.readers', { names: names(users.map(nameOf)) });
  return (
    <>
      <span title={label} className="flex">
        <Button
          aria-label={label}
          excludeFromTabOrder
          onPress={() => setOpen(true)}
          className="flex min-h-6 min-w-6 items-center justify-end -space-x-1 rounded-full px-0.5 hover:bg-hover rtl:space-x-reverse"
        >
          {users.slice(0, SHOWN).map((user) => (
            <Avatar key={user} id={user} name={nameOf(user)} size="tiny" />
          ))}
          {users.length > SHOWN && <span className="ps-1.5 text-soft text-tiny">+{users.length - SHOWN}</span>}
        </Button>
      </span>
      {open && <ReceiptsDialog message={message} nameOf={nameOf} onClose={() => setOpen(false)} />}
    </>
  );
}
