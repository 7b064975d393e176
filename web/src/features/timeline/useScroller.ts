import { messageAt, type Queued, type Room, type Row, type Timeline } from '@chirm/client';
import { type RefObject, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useHistoryState } from 'wouter/use-browser-location';
import { useClient } from '../../app/ClientContext';
import { anchorOf, distanceToEnd, findRow, type Position, positions, restore } from './position';
import { type Edge, useEdges } from './useEdges';
import { useReading } from './useReading';
import type { useSlice } from './useSlice';

/** This close to the end one follows it. */
const NEAR_PX = 80;

interface Input {
  scroller: RefObject<HTMLDivElement | null>;
  slice: ReturnType<typeof useSlice>;
  rows: readonly Row[];
  queue: readonly Queued[];
  room: Room;
  timeline: Timeline;
  seq: number | undefined;
}

/** Calls after what has just been rendered is on the screen; returns how to take it back. */
function afterPaint(run: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const frame = requestAnimationFrame(() => {
    timer = setTimeout(run);
  });
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}

/**
 * Keeps what is read where it is. After each change the row at the top edge is put back to its place, or the end is
 * followed where it was in sight; the browser's own anchoring is off, because not every browser has it.
 */
export function useScroller({ scroller, slice, rows, queue, room, timeline, seq }: Input) {
  const { history, store } = useClient();
  const anchor = useRef<Position | null>(null);
  const following = useRef(false);
  const placed = useRef(false);
  const [atLatest, setAtLatest] = useState(true);
  const live = !timeline.hasAfter && !slice.moreAfter;
  const note = useReading(scroller, room);
  const { follow, moreBefore } = slice;
  const { messages } = timeline;
  const edges = useEdges({
    scroller,
    shown: useMemo(() => ({ first: !moreBefore, latest: live }), [moreBefore, live]),
  });

  const look = useCallback(() => {
    const box = scroller.current;
    if (!box || !placed.current) return;
    following.current = live && distanceToEnd(box) <= NEAR_PX;
    follow(following.current);
    anchor.current = anchorOf(box);
    positions.set(room.id, following.current ? null : anchor.current);
    setAtLatest(following.current);
    note();
  }, [scroller, live, room.id, note, follow]);

  /** Fetches, or brings into the document, what lies two screens ahead. */
  const feed = useCallback(() => {
    const box = scroller.current;
    if (!box || !placed.current) return;
    // A page that is held already but not yet shown would be missed here, and another one asked for: this is called again once it is shown.
    if (store.get().timelines[room.id]?.messages !== messages) return;
    const ahead = box.clientHeight * 2;
    const [before, after] = [box.scrollTop < ahead, distanceToEnd(box) < ahead];
    const [growBefore, growAfter] = [before && slice.moreBefore, after && slice.moreAfter];
    if (growBefore || growAfter) slice.grow(growBefore, growAfter);
    if (before && !slice.moreBefore) void history.before(room.id);
    if (after && !slice.moreAfter) void history.after(room.id);
  }, [scroller, slice, history, store, messages, room.id]);

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
    const left = findRow(box, 'new') ? null : positions.get(room.id);
    if (seq === undefined && !(left && restore(box, left))) {
      const divider = findRow(box, 'new');
      if (divider)
        box.scrollTop += divider.getBoundingClientRect().top - box.getBoundingClientRect().top - box.clientHeight / 4;
      else box.scrollTop = box.scrollHeight;
    }
    placed.current = true;
    look();
  });

  useTarget({ scroller, timeline, rows, seq, around: slice.around, look });

  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever other rows are shown
  useLayoutEffect(() => {
    settle();
    edges.arrive();
    look();
    return afterPaint(feed);
  }, [rows, settle, live]);

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

  const first = timeline.messages[0]?.seq;
  /** To the first message that is loaded, or to the newest of all, with the focus. */
  const toEdge = useCallback(
    (edge: Edge) => {
      edges.want(edge);
      following.current = edge === 'latest';
      if (edge === 'latest') toLatest();
      else if (moreBefore && first !== undefined) slice.around(first);
      edges.arrive();
      look();
    },
    [edges, toLatest, moreBefore, first, slice, look],
  );

  // What one sends oneself is always shown.
  const queued = queue.at(-1)?.client_id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once per message of mine
  useEffect(() => {
    if (queued && placed.current) toLatest();
  }, [queued]);

  return { atLatest, onScroll, toLatest, toEdge };
}

/** Shows for two seconds which one it is. The attribute is nobody else's, so that no rendering ends it early. */
function flash(element: HTMLElement): void {
  delete element.dataset.flash;
  // Asking for a size makes the browser notice that it was gone.
  void element.offsetWidth;
  element.dataset.flash = '';
  element.addEventListener('animationend', () => delete element.dataset.flash, { once: true });
}

interface TargetInput extends Pick<Input, 'scroller' | 'timeline' | 'rows' | 'seq'> {
  around(seq: number): void;
  look(): void;
}

/** Goes once to the message that the address names, as soon as it is there. */
function useTarget({ scroller, timeline, rows, seq, around, look }: TargetInput) {
  const jump = useHistoryState<{ jump?: number } | null>()?.jump ?? 0;
  const reached = useRef('');
  // biome-ignore lint/correctness/useExhaustiveDependencies: `around` and `look` follow from the rows
  useLayoutEffect(() => {
    const box = scroller.current;
    const target = `${seq} ${jump}`;
    if (!box || seq === undefined || reached.current === target) return;
    if (!messageAt(timeline, seq)) return;
    const element = box.querySelector<HTMLElement>(`[data-seq="${seq}"]`);
    if (!element) return around(seq);
    reached.current = target;
    element.scrollIntoView({ block: 'center' });
    element.focus({ preventScroll: true });
    flash(element);
    look();
  }, [scroller, rows, seq, jump]);
}
