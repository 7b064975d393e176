import type { Message } from '@chirm/client';
import { Copy, Ellipsis, Link2, MessageSquareDot, ReceiptText, Reply } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { linkTo } from '../../app/base';
import { later } from '../../app/later';
import { useAnnounce } from '../../lib/announcer';
import { IconButton } from '../../ui/IconButton';
import { MenuButton } from '../../ui/MenuButton';
import { useReply } from '../rooms/reply';

const ReceiptsDialog = lazy(() => import('./ReceiptsDialog'));

interface Props {
  message: Message;
  nameOf(user: string): string;
}

/** What can be done with a message; shown for the one under the pointer or the focus. */
export function MessageActions({ message, nameOf }: Props) {
  const { t } = useTranslation();
  const announce = useAnnounce();
  const { setTo } = useReply();
  const [receipts, setReceipts] = useState(false);
  const copy = (text: string) => void navigator.clipboard.writeText(text).then(() => announce(t('message.copied')));
  return (
    <div
      data-actions
      className="absolute -top-4 end-3 flex rounded-full border border-line bg-raised p-0.5 shadow-lift"
    >
      <IconButton
        icon={Reply}
        label={t('message.reply')}
        small
        onPress={() => {
          setTo(message);
          document.getElementById('composer')?.focus();
        }}
      />
      <MenuButton
        icon={Ellipsis}
        label={t('message.more')}
        small
        deeds={[
          { id: 'receipts', label: t('message.receipts'), icon: ReceiptText, act: () => setReceipts(true) },
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
        ]}
      />
      <Suspense>
        {receipts && <ReceiptsDialog message={message} nameOf={nameOf} onClose={() => setReceipts(false)} />}
      </Suspense>
    </div>
  );
}
