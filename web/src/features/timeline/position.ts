/** Where a room was left: the row at the top edge and how far it was from it; null stands for its end. */
export interface Position {
  key: string;
  /** Of the message in that row, if it is one. */
  seq: number | undefined;
  offset: number;
}

const left = new Map<string, Position | null>();

export const positions = {
  get: (room: string): Position | null => left.get(room) ?? null,
  set: (room: string, position: Position | null): void => void left.set(room, position),
};

/** All rows but the dates, which stick to the top edge and so are no measure of anything. */
export function rowElements(scroller: HTMLElement): HTMLElement[] {
  return [...scroller.querySelectorAll<HTMLElement>('[data-row]:not([data-day])')];
}

export function findRow(scroller: HTMLElement, key: string): HTMLElement | null {
  return scroller.querySelector<HTMLElement>(`[data-row="${CSS.escape(key)}"]`);
}

function offsetOf(scroller: HTMLElement, row: HTMLElement): number {
  return row.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
}

/** The first row that can be seen: what must not move when something changes above it. */
export function anchorOf(scroller: HTMLElement): Position | null {
  const rows = rowElements(scroller);
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    if (row && offsetOf(scroller, row) + row.offsetHeight <= 0) low = middle + 1;
    else high = middle;
  }
  const row = rows[low];
  if (!row?.dataset.row) return null;
  return { key: row.dataset.row, seq: Number(row.dataset.seq) || undefined, offset: offsetOf(scroller, row) };
}

/** Puts a row back where it was. False where the row is not there (any more). */
export function restore(scroller: HTMLElement, position: Position): boolean {
  const row = findRow(scroller, position.key);
  if (!row) return false;
  const moved = offsetOf(scroller, row) - position.offset;
  if (Math.abs(moved) >= 1) scroller.scrollTop += moved;
  return true;
}

/** The highest seq of which enough can be seen to count as read. */
export function lastSeen(scroller: HTMLElement): number {
  const bottom = scroller.getBoundingClientRect().bottom;
  const rows = rowElements(scroller);
  for (let i = rows.length - 1; i >= 0; i--) {
    const row = rows[i];
    const seq = Number(row?.dataset.seq);
    if (row && seq && row.getBoundingClientRect().top < bottom - 16) return seq;
  }
  return 0;
}

export function distanceToEnd(scroller: HTMLElement): number {
  return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
}
