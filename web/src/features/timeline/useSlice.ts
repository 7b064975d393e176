import type { Message } from '@chirm/client';
import { startTransition, useCallback, useMemo, useState } from 'react';

/** Most messages in the document at once; far more may be held. */
const MOST = 300;
/** Few rows are lower, and the list does not have the whole window: so a screen never holds more of them. */
const LEAST_ROW_PX = 24;
const FEW = 25;
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
  const [kept, setStretch] = useState<Stretch>(() => startAround(firstInSight, messages));
  // Other messages are held now, as after a leap: a beginning kept from before would pull there once it is held again.
  const isHeld = (seq: number | null | undefined) => typeof seq === 'number' && seq >= first && seq <= last;
  const stretch =
    kept.start === null || isHeld(kept.start)
      ? kept
      : startAround(isHeld(firstInSight) ? firstInSight : undefined, messages);
  if (stretch !== kept) setStretch(stretch);
  // What is held has no hole, so a message's place in it follows from its seq.
  const from = stretch.start === null ? Math.max(0, messages.length - stretch.size) : stretch.start - first;
  const to = Math.min(messages.length, from + stretch.size);
  const shown = useMemo(() => messages.slice(from, to), [messages, from, to]);

  return {
    shown,
    moreBefore: from > 0,
    moreAfter: to < messages.length,
    /** Brings more into the document on the sides that are near. What is read stays: a full stretch slides by one step. */
    grow: (before: boolean, after: boolean) => {
      const start = before ? Math.max(0, from - STEP) : after ? Math.max(from, to + STEP - MOST) : from;
      const size = Math.min(MOST, stretch.size + STEP * (Number(before) + Number(after)));
      startTransition(() => setStretch({ start: first + start, size }));
    },
    end: useCallback(() => setStretch(atEnd()), []),
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

/**
 * So many are there when a room appears: few enough to appear at once, and yet what is to be seen can stand at either edge
 * of the screen, with a screen full of rows below it or half of one above.
 */
function firstRows(): { before: number; after: number } {
  const screen = Math.ceil(window.innerHeight / LEAST_ROW_PX);
  return { before: Math.max(FEW, Math.ceil(screen / 2)), after: Math.max(FEW, screen) };
}

function atEnd(): Stretch {
  const { before, after } = firstRows();
  return { start: null, size: before + after };
}

function startAround(seq: number | undefined, messages: readonly Message[]): Stretch {
  const { before, after } = firstRows();
  const first = messages[0]?.seq ?? 1;
  if (seq === undefined || seq - first > messages.length - after) return atEnd();
  return { start: Math.max(first, seq - before), size: before + after };
}
