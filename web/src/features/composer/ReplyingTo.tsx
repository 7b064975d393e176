import type { Message } from '@chirm/client';
import { CornerDownRight, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useSelect } from '../../app/ClientContext';
import { plain } from '../../lib/markdown/plain';
import { IconButton } from '../../ui/IconButton';

export function ReplyingTo({ message, cancel }: { message: Message; cancel(): void }) {
  const { t } = useTranslation();
  const name = useSelect((state) => state.people[message.author]?.display_name ?? '…');
  return (
    <div className="rise mb-1 flex items-center gap-2 rounded-box bg-well ps-3 text-note">
      <CornerDownRight aria-hidden size={15} className="shrink-0 text-accent" />
      <p className="min-w-0 flex-1 truncate">
        <span className="text-soft">{t('composer.replying', { name })}</span>{' '}
        <span dir="auto">{plain(message.body)}</span>
      </p>
      <IconButton icon={X} label={t('composer.cancel_reply')} onPress={cancel} small />
    </div>
  );
}
