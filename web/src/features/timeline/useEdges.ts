import { type RefObject, useCallback, useRef } from 'react';

export type Edge = 'first' | 'latest';

interface Input {
  scroller: RefObject<HTMLElement | null>;
  /** Whether the first message that is loaded, and the newest of all, are in the document. */
  shown: Readonly<Record<Edge, boolean>>;
}

/** Puts the focus on the first or the newest message as soon as it is in the document. Returns how to ask, and what to call after each rendering. */
export function useEdges({ scroller, shown }: Input) {
  const wanted = useRef<Edge | null>(null);
  const arrive = useCallback(() => {
    const edge = wanted.current;
    const box = scroller.current;
    if (!box || !edge || !shown[edge]) return;
    wanted.current = null;
    const held = document.activeElement;
    // The row that had the focus may be gone from the document; who went elsewhere meanwhile stays there.
    if (held !== document.body && !box.contains(held)) return;
    const stops = [...box.querySelectorAll<HTMLElement>('[data-stop]')];
    box.scrollTop = edge === 'first' ? 0 : box.scrollHeight;
    stops.at(edge === 'first' ? 0 : -1)?.focus({ preventScroll: true });
  }, [scroller, shown]);
  const want = useCallback((edge: Edge) => {
    wanted.current = edge;
  }, []);
  return { want, arrive };
}
