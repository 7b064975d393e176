import { CheckCheck } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useSelect } from '../../app/ClientContext';
import { useLater } from '../../app/later';
import { IconButton } from '../../ui/IconButton';
import { useMarkAllRead } from './useMarkAllRead';

/** There while something waits to be read. */
export function MarkAllRead() {
  const { t } = useTranslation();
  const unread = useSelect((state) => Object.values(state.rooms).some((room) => room.unread > 0));
  const marked = Object.keys(useLater()).length > 0;
  const markAll = useMarkAllRead();
  if (!unread && !marked) return null;
  return <IconButton icon={CheckCheck} label={t('nav.mark_all_read')} hint="Shift Esc" onPress={markAll} />;
}
