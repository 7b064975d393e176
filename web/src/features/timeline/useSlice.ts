import type { Message } from '@chirm/client';
import { startTransition, useCallback, useMemo, useState } from 'react';

/** Most messages in the document at once; far more may be held. */
const MOST = 300;
/** So many are there when a room appears: more than a screen, few enough to appear at once. */
const FIRST = 50;
const STEP = 100;

/** Where the stretch begins; null: it ends at the newest message, wherever that is. */
interface Stretch {
  start: number | null;
  size: number;
}

/**
 * The stretch of messages that is in the document. It slides over what is held, which keeps the document small without
 * guessing heights: scrolling stays native, and a search of the page finds what is on it.
 */
export function useSlice(messages: readonly Message[], firstInSight: number | undefined) {
  const first = messages[0]?.seq ?? 1;
  const last = messages.at(-1)?.seq ?? 0;
  const [stretch, setStretch] = useState<Stretch>(() => startAround(firstInSight, messages));
  const lastStart = Math.max(0, messages.length - stretch.size);
  // What is held has no hole, so a message's place in it follows from its seq.
  const pinned = stretch.start !== null && stretch.start >= first && stretch.start <= last;
  const from = pinned && stretch.start !== null ? stretch.start - first : lastStart;
  const to = Math.min(messages.length, from + stretch.size);
  const shown = useMemo(() => messages.slice(from, to), [messages, from, to]);

  const startAt = useCallback(
    (index: number, size: number) => {
      const atEnd = index + size >= messages.length;
      setStretch({ start: atEnd ? null : first + Math.max(0, index), size });
    },
    [messages.length, first],
  );

  return {
    shown,
    moreBefore: from > 0,
    moreAfter: to < messages.length,
    up: () =>
      startTransition(() =>
        setStretch({ start: first + Math.max(0, from - STEP), size: Math.min(MOST, stretch.size + STEP) }),
      ),
    down: () => startTransition(() => startAt(from + STEP, stretch.size)),
    end: useCallback(() => setStretch({ start: null, size: FIRST }), []),
    /** Makes a message part of the stretch. */
    around: (seq: number) => setStretch(startAround(seq, messages)),
    /** While the end is followed the stretch moves with it; while something else is read, that must not slide away. */
    follow: useCallback(
      (following: boolean) =>
        setStretch((held) => {
          if (following) return held.start === null ? held : { ...held, start: null };
          return held.start === null ? { start: first + from, size: MOST } : held;
        }),
      [first, from],
    ),
  };
}

function startAround(seq: number | undefined, messages: readonly Message[]): Stretch {
  const first = messages[0]?.seq ?? 1;
  if (seq === undefined || seq - first > messages.length - FIRST / 2) return { start: null, size: FIRST };
  return { start: Math.max(first, seq - FIRST / 2), size: FIRST };
}
