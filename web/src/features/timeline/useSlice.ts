import type { Row } from '@chirm/client';
import { useCallback, useMemo, useState } from 'react';

/** Most rows in the document at once; far more messages may be held. */
const MOST = 300;
const STEP = 100;

/**
 * The stretch of rows that is in the document. It slides over what is held, which keeps the document small without
 * guessing heights: scrolling stays native, and a search of the page finds what is on it.
 */
export function useSlice(rows: readonly Row[]) {
  const [startKey, setStartKey] = useState<string | null>(null);
  const lastStart = Math.max(0, rows.length - MOST);
  const found = startKey === null ? -1 : rows.findIndex((row) => row.key === startKey);
  const from = found < 0 ? lastStart : Math.min(found, lastStart);
  const to = Math.min(rows.length, from + MOST);
  const shown = useMemo(() => rows.slice(from, to), [rows, from, to]);

  const startAt = useCallback(
    (index: number) => setStartKey(index >= lastStart ? null : (rows[Math.max(0, index)]?.key ?? null)),
    [rows, lastStart],
  );

  return {
    shown,
    moreBefore: from > 0,
    moreAfter: to < rows.length,
    up: () => startAt(from - STEP),
    down: () => startAt(from + STEP),
    end: () => setStartKey(null),
    /** Makes a row part of the stretch. */
    around: (index: number) => startAt(index - MOST / 2),
  };
}
