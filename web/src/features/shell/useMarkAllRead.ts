import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient } from '../../app/ClientContext';
import { later } from '../../app/later';
import { useAnnounce } from '../../lib/announcer';

/** Everything that waits, in all rooms, counts as read. */
export function useMarkAllRead(): () => void {
  const { t } = useTranslation();
  const { store, marks } = useClient();
  const announce = useAnnounce();
  return useCallback(() => {
    for (const { id, unread, last_seq } of Object.values(store.get().rooms)) if (unread > 0) marks.read(id, last_seq);
    later.clearAll();
    announce(t('nav.all_read'));
  }, [store, marks, announce, t]);
}
