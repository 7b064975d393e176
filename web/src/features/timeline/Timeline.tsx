import type { Room } from '@chirm/client';
import { useTranslation } from 'react-i18next';
import { useCodeText } from '../../lib/failureText';
import { Button } from '../../ui/Button';
import { Empty } from '../../ui/Empty';
import { MessageSkeleton } from '../../ui/Skeleton';
import { MessageList } from './MessageList';
import { useTimeline } from './useTimeline';

export function Timeline({ room, seq }: { room: Room; seq: number | undefined }) {
  const { t } = useTranslation();
  const { timeline, queue, open } = useTimeline(room.id, seq);
  const failure = useCodeText(timeline?.failure);
  if (timeline?.loaded) {
    return <MessageList key={room.id} room={room} timeline={timeline} queue={queue} seq={seq} />;
  }
  return (
    <div id="messages" tabIndex={-1} className="flex min-h-0 flex-1 flex-col justify-end overflow-hidden">
      {failure ? (
        <div className="m-auto">
          <Empty title={t('timeline.failed')} text={failure}>
            <Button look="outline" onPress={open}>
              {t('common.retry')}
            </Button>
          </Empty>
        </div>
      ) : (
        <MessageSkeleton count={7} />
      )}
    </div>
  );
}
