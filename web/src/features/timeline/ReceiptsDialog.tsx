import type { Message, ReceiptAt, ReceiptsReply } from '@chirm/client';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient } from '../../app/ClientContext';
import { dateTime } from '../../lib/time';
import { useAction } from '../../lib/useAction';
import { Avatar } from '../../ui/Avatar';
import { Dialog } from '../../ui/Dialog';
import { Problem } from '../../ui/Problem';
import { LineSkeleton } from '../../ui/Skeleton';

interface Props {
  message: Message;
  nameOf(user: string): string;
  onClose(): void;
}

export function ReceiptsDialog({ message, nameOf, onClose }: Props) {
  const { t } = useTranslation();
  const client = useClient();
  const [receipts, setReceipts] = useState<ReceiptsReply | null>(null);
  const { run, failure } = useAction(async () => setReceipts(await client.receipts(message.room, message.seq)));
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked once, when the dialog opens
  useEffect(run, []);
  const read = receipts?.read ?? [];
  const reached = receipts?.delivered.filter(({ user }) => !read.some((reader) => reader.user === user)) ?? [];
  return (
    <Dialog title={t('message.receipts')} onClose={onClose}>
      <Problem failure={failure} />
      {!receipts && !failure && <LineSkeleton count={3} />}
      {receipts && (
        <>
          <People title={t('delivery.read_by')} list={read} nameOf={nameOf} />
          <People title={t('delivery.delivered_to')} list={reached} nameOf={nameOf} />
        </>
      )}
    </Dialog>
  );
}

function People({ title, list, nameOf }: { title: string; list: readonly ReceiptAt[]; nameOf(user: string): string }) {
  const { t } = useTranslation();
  return (
    <section>
      <h3 className="mb-1.5 font-semibold text-note text-soft">{title}</h3>
      {list.length === 0 && <p>{t('delivery.nobody')}</p>}
      <ul className="grid gap-1.5">
        {list.map(({ user, at }) => (
          <li key={user} className="flex items-center gap-3">
            <Avatar id={user} name={nameOf(user)} size="small" />
            <span dir="auto" className="min-w-0 flex-1 truncate">
              {nameOf(user)}
            </span>
            {at && <time className="text-note text-soft">{dateTime(Date.parse(at))}</time>}
          </li>
        ))}
      </ul>
    </section>
  );
}
