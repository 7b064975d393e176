import type { Room, Row, Timeline } from '@chirm/client';
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useClient } from '../../app/ClientContext';
import { anchorOf, distanceToEnd, findRow, type Position, positions, restore } from './position';
import { useReading } from './useReading';
import { useSlice } from './useSlice';

/** This close to the end one follows it. */
const NEAR_PX = 80;

interface Input {
  scroller: RefObject<HTMLDivElement | null>;
  rows: readonly Row[];
  room: Room;
  timeline: Timeline;
  seq: number | undefined;
}

/**
 * Keeps what is read where it is. After each change the row at the top edge is put back to its place, or the end is
 * followed where it was in sight; the browser's own anchoring is off, because not every browser has it.
 */
export function useScroller({ scroller, rows, room, timeline, seq }: Input) {
  const { history } = useClient();
  const slice = useSlice(rows);
  const anchor = useRef<Position | null>(null);
  const following = useRef(false);
  const placed = useRef(false);
  const [atLatest, setAtLatest] = useState(true);
  const live = !timeline.hasAfter && !slice.moreAfter;
  const note = useReading(scroller, room);

  const look = useCallback(() => {
    const box = scroller.current;
    if (!box || !placed.current) return;
    following.current = live && distanceToEnd(box) <= NEAR_PX;
    anchor.current = anchorOf(box);
    positions.set(room.id, following.current ? null : anchor.current);
    setAtLatest(following.current);
    note();
  }, [scroller, live, room.id, note]);

  /** Fetches, or brings into the document, what lies two screens ahead. */
  const feed = useCallback(() => {
    const box = scroller.current;
    if (!box || !placed.current) return;
    const ahead = box.clientHeight * 2;
    if (box.scrollTop < ahead) slice.moreBefore ? slice.up() : void history.before(room.id);
    if (distanceToEnd(box) < ahead) slice.moreAfter ? slice.down() : void history.after(room.id);
  }, [scroller, slice, history, room.id]);

  const onScroll = useCallback(() => {
    look();
    feed();
  }, [look, feed]);

  const settle = useCallback(() => {
    const box = scroller.current;
    if (!box) return;
    if (following.current && live) box.scrollTop = box.scrollHeight;
    else if (anchor.current) restore(box, anchor.current);
  }, [scroller, live]);

  // The first place: a message that was asked for, where one left, the first unread, or the end.
  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box || placed.current) return;
    const left = room.unread > 0 ? null : positions.get(room.id);
    if (seq === undefined && !(left && restore(box, left))) {
      const divider = findRow(box, 'new');
      if (divider)
        box.scrollTop += divider.getBoundingClientRect().top - box.getBoundingClientRect().top - box.clientHeight / 4;
      else box.scrollTop = box.scrollHeight;
    }
    placed.current = true;
    look();
  });

  useTarget({ scroller, rows, seq, around: slice.around, look });

  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever other rows are shown
  useLayoutEffect(() => {
    settle();
    look();
    feed();
  }, [slice.shown, settle, live]);

  useEffect(() => {
    const box = scroller.current;
    const content = box?.firstElementChild;
    if (!box || !content) return;
    const observer = new ResizeObserver(settle);
    observer.observe(box);
    observer.observe(content);
    return () => observer.disconnect();
  }, [scroller, settle]);

  const toLatest = useCallback(() => {
    following.current = true;
    slice.end();
    void history.openLatest(room.id).then(() => {
      const box = scroller.current;
      if (box) box.scrollTop = box.scrollHeight;
    });
  }, [slice, history, room.id, scroller]);

  // What one sends oneself is always shown.
  const queued = rows.at(-1)?.kind === 'queued' ? rows.at(-1)?.key : undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once per message of mine
  useEffect(() => {
    if (queued && placed.current) toLatest();
  }, [queued]);

  return { shown: slice.shown, fromStart: !slice.moreBefore, atLatest, onScroll, toLatest };
}

interface TargetInput extends Pick<Input, 'scroller' | 'rows' | 'seq'> {
  around(index: number): void;
  look(): void;
}

/** Goes once to the message that the address names, as soon as it is there. */
function useTarget({ scroller, rows, seq, around, look }: TargetInput) {
  const reached = useRef<number | undefined>(undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `around` and `look` follow from the rows
  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box || seq === undefined || reached.current === seq) return;
    const index = rows.findIndex((row) => row.kind === 'message' && row.message.seq === seq);
    if (index < 0) return;
    const element = box.querySelector<HTMLElement>(`[data-seq="${seq}"]`);
    if (!element) return around(index);
    reached.current = seq;
    element.scrollIntoView({ block: 'center' });
    element.focus({ preventScroll: true });
    look();
  }, [scroller, rows, seq]);
}
