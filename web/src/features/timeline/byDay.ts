import type { Row } from '@chirm/client';

interface Day {
  key: string;
  rows: Row[];
}

/** One box per day, so that each date sticks only as long as its own day is in sight. */
export function byDay(rows: readonly Row[]): Day[] {
  const days: Day[] = [];
  for (const row of rows) {
    const last = days.at(-1);
    if (row.kind === 'day' || !last) days.push({ key: row.kind === 'day' ? row.key : 'first', rows: [row] });
    else last.rows.push(row);
  }
  return days;
}
