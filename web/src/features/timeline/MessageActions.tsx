import type { Message } from '@chirm/client';
import { Ellipsis, Reply } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../../ui/IconButton';
import { MenuButton } from '../../ui/MenuButton';
import { useReply } from '../rooms/reply';
import { ReceiptsDialog } from './ReceiptsDialog';
import { useMessageDeeds } from './useMessageDeeds';

interface Props {
  message: Message;
  nameOf(user: string): string;
}

/** What can be done with a message; shown for the one under the pointer or the focus. */
export function MessageActions({ message, nameOf }: Props) {
  const { t } = useTranslation();
  const { setTo } = useReply();
  const [receipts, setReceipts] = useState(false);
  const deeds = useMessageDeeds(message, () => setReceipts(true));
  return (
    <div
      data-actions
      className="absolute -top-4 touch:-top-9 end-3 flex rounded-full border border-line bg-raised p-0.5 shadow-lift"
    >
      <IconButton icon={Reply} label={t('message.reply')} small onPress={() => setTo(message)} />
      <MenuButton icon={Ellipsis} label={t('message.more')} small deeds={deeds} />
      {receipts && <ReceiptsDialog message={message} nameOf={nameOf} onClose={() => setReceipts(false)} />}
    </div>
  );
}
