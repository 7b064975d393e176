import type { Message } from '@chirm/client';
import { Copy, Link2, MessageSquareDot, ReceiptText } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { linkTo } from '../../app/base';
import { later } from '../../app/later';
import { useAnnounce } from '../../lib/announcer';
import { copyText } from '../../lib/copy';
import type { Deed } from '../../ui/MenuButton';

/** What can be done with a message besides answering it: the same in the menu and in the sheet. */
export function useMessageDeeds(message: Message, askReceipts: () => void): readonly Deed[] {
  const { t } = useTranslation();
  const announce = useAnnounce();
  const copy = (text: string) => void copyText(text).then((copied) => copied && announce(t('message.copied')));
  return [
    { id: 'receipts', label: t('message.receipts'), icon: ReceiptText, act: askReceipts },
    {
      id: 'unread',
      label: t('message.mark_unread'),
      icon: MessageSquareDot,
      act: () => later.mark(message.room, message.seq),
    },
    { id: 'text', label: t('message.copy_text'), icon: Copy, act: () => copy(message.body) },
    {
      id: 'link',
      label: t('message.copy_link'),
      icon: Link2,
      act: () => copy(linkTo(`/r/${message.room}/${message.seq}`)),
    },
  ];
}
