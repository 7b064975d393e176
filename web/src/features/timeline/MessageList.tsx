import type { Queued, Room, Row, Timeline } from '@chirm/client';
import { LoaderCircle } from 'lucide-react';
import { useCallback, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSelect } from '../../app/ClientContext';
import { useLongPress } from '../../lib/useLongPress';
import { Empty } from '../../ui/Empty';
import { Bones } from '../../ui/Skeleton';
import { useRoomName } from '../rooms/roomName';
import { byDay } from './byDay';
import { JumpToLatest } from './JumpToLatest';
import { MessageSheet } from './MessageSheet';
import { positions } from './position';
import { RowView } from './RowView';
import { rowKey, useActiveRow } from './useActiveRow';
import { useAnnounceNew } from './useAnnounceNew';
import { useJoined } from './useJoined';
import { firstNew, useNewDivider } from './useNewDivider';
import { useRoomKeys } from './useRoomKeys';
import { useRowContext } from './useRowContext';
import { useRows } from './useRows';
import { useScroller } from './useScroller';
import { useSlice } from './useSlice';

interface Props {
  room: Room;
  timeline: Timeline;
  queue: readonly Queued[];
  seq: number | undefined;
}

const NONE: readonly Queued[] = [];

/** The message that is to be seen first: the one asked for, the first unread, or where the room was left. */
function firstInSight(room: Room, seq: number | undefined): number | undefined {
  return seq ?? firstNew(room) ?? positions.get(room.id)?.seq;
}

type Said = Extract<Row, { kind: 'message' | 'queued' }>;
const isSaid = (row: Row): row is Said => row.kind === 'message' || row.kind === 'queued';

export function MessageList({ room, timeline, queue, seq }: Props) {
  const { t } = useTranslation();
  const name = useRoomName(room);
  const behind = useSelect((state) => state.behind[room.id] === true);
  const scroller = useRef<HTMLDivElement>(null);
  const divider = useNewDivider(room);
  const slice = useSlice(timeline.messages, firstInSight(room, seq));
  const joined = useJoined(room, slice.shown, {
    fromStart: !slice.moreBefore && !timeline.hasBefore,
    live: !slice.moreAfter && !timeline.hasAfter,
  });
  const rows = useRows(slice.shown, slice.moreAfter ? NONE : queue, divider.after, joined);
  const scroll = useScroller({ scroller, slice, rows, queue, room, timeline, seq });
  const active = useActiveRow(scroller, rows, scroll.toEdge);
  const context = useRowContext(room, timeline);
  useAnnounceNew(room, timeline, context);
  useRoomKeys({ end: scroll.toLatest, escape: divider.clear });

  const [pressed, setPressed] = useState<string | null>(null);
  const longPress = useLongPress((target) => setPressed(rowKey(target)));

  // An empty room is a list as well: what comes while somebody looks at it is followed, and is not new to them.
  const empty = timeline.messages.length + queue.length === 0;
  const sheet = rows.filter(isSaid).find((row) => row.key === pressed);

  const onKeyDown = useCallback(
    (event: React.KeyboardEvent) => {
      if (event.key === 'Escape') document.getElementById('composer')?.focus();
      else active.onKeyDown(event);
    },
    [active],
  );

  return (
    <div className="relative min-h-0 flex-1">
      <section
        ref={scroller}
        id="messages"
        aria-label={t('timeline.label', { room: name })}
        aria-busy={timeline.loading !== null}
        tabIndex={-1}
        onScroll={scroll.onScroll}
        onKeyDown={onKeyDown}
        onFocus={active.onFocus}
        onPointerOver={active.onPointerOver}
        onPointerLeave={active.onPointerLeave}
        {...longPress}
        className="relative h-full overflow-y-auto overflow-x-hidden overscroll-contain outline-offset-[-3px] [overflow-anchor:none] [scroll-padding-block:3.5rem_1rem]"
      >
        <div className="mx-auto flex min-h-full w-full max-w-[56rem] flex-col justify-end pb-3">
          {empty && (
            <div className="m-auto">
              <Empty title={t('timeline.empty')} text={t(`timeline.empty_${room.kind}`)} />
            </div>
          )}
          {!empty && !timeline.hasBefore && !slice.moreBefore && (
            <p className="px-4 pt-10 pb-2 text-center text-note text-soft">{t('timeline.beginning', { room: name })}</p>
          )}
          {timeline.hasBefore && !slice.moreBefore && <Bones count={3} />}
          {byDay(empty ? [] : rows).map((day) => (
            <div key={day.key}>
              {day.rows.map((row) => (
                <RowView
                  key={row.key}
                  row={row}
                  context={context}
                  active={active.isActive(row.key)}
                  stop={active.stop === row.key}
                />
              ))}
            </div>
          ))}
          {behind && (
            <p role="status" className="flex items-center justify-center gap-2 px-4 py-2 text-note text-soft">
              <LoaderCircle aria-hidden size={15} className="animate-spin" />
              {t('timeline.behind')}
            </p>
          )}
        </div>
      </section>
      {sheet && <MessageSheet row={sheet} nameOf={context.nameOf} onClose={() => setPressed(null)} />}
      {!scroll.atLatest && <JumpToLatest unread={room.unread} jump={scroll.toLatest} />}
    </div>
  );
}
