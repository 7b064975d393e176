import type { Message, Queued, Row } from '@chirm/client';
import { Copy, Reply, SendHorizontal, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient } from '../../app/ClientContext';
import { copyText } from '../../lib/copy';
import { ActionRow } from '../../ui/ActionRow';
import { Dialog } from '../../ui/Dialog';
import type { Deed } from '../../ui/MenuButton';
import { useReply } from '../rooms/reply';
import { ReceiptsDialog } from './ReceiptsDialog';
import { useMessageDeeds } from './useMessageDeeds';

interface Props {
  row: Extract<Row, { kind: 'message' | 'queued' }>;
  nameOf(user: string): string;
  onClose(): void;
}

/** What a finger that rests on a message opens: all that the toolbar and its menu offer, in reach of a thumb. */
export function MessageSheet({ row, nameOf, onClose }: Props) {
  return row.kind === 'message' ? (
    <OfMessage message={row.message} nameOf={nameOf} onClose={onClose} />
  ) : (
    <OfQueued queued={row.queued} onClose={onClose} />
  );
}

function OfMessage({ message, nameOf, onClose }: { message: Message } & Omit<Props, 'row'>) {
  const { t } = useTranslation();
  const { setTo } = useReply();
  const [receipts, setReceipts] = useState(false);
  const others = useMessageDeeds(message, () => setReceipts(true));
  if (receipts) return <ReceiptsDialog message={message} nameOf={nameOf} onClose={onClose} />;
  const deeds = [{ id: 'reply', label: t('message.reply'), icon: Reply, act: () => setTo(message) }, ...others];
  return <Sheet title={nameOf(message.author)} text={message.body} deeds={deeds} stays="receipts" onClose={onClose} />;
}

function OfQueued({ queued, onClose }: { queued: Queued; onClose(): void }) {
  const { t } = useTranslation();
  const { outbox } = useClient();
  const id = queued.client_id;
  const title = t(queued.state === 'failed' ? 'delivery.failed' : 'delivery.waiting');
  const deeds = [
    { id: 'send', label: t('delivery.send_now'), icon: SendHorizontal, act: () => void outbox.retry(id) },
    { id: 'text', label: t('message.copy_text'), icon: Copy, act: () => void copyText(queued.body) },
    { id: 'cancel', label: t('delivery.cancel'), icon: Trash2, danger: true, act: () => void outbox.cancel(id) },
  ];
  return <Sheet title={title} text={queued.body} deeds={deeds} onClose={onClose} />;
}

interface SheetProps {
  title: string;
  text: string;
  deeds: readonly Deed[];
  /** The one that goes on in a dialog of its own. */
  stays?: string;
  onClose(): void;
}

function Sheet({ title, text, deeds, stays, onClose }: SheetProps) {
  return (
    <Dialog title={title} onClose={onClose}>
      {/* The place to take a part of the text: in the list a finger that rests means the whole message. */}
      <p dir="auto" className="max-h-40 select-text overflow-y-auto whitespace-pre-wrap break-words text-soft">
        {text}
      </p>
      <div className="-mx-3 -mb-2 grid">
        {deeds.map(({ id, label, icon, danger, act }) => (
          <ActionRow
            key={id}
            icon={icon}
            label={label}
            danger={danger}
            act={() => {
              act();
              if (id !== stays) onClose();
            }}
          />
        ))}
      </div>
    </Dialog>
  );
}
