import type { Row } from '@chirm/client';
import { type RefObject, useCallback, useState } from 'react';
import { rowElements } from './position';
import type { Edge } from './useEdges';

/**
 * The list is one tab stop; arrows move within it. Only the rows under the pointer and the focus show what can be done
 * with them, because a menu for each of some hundred rows would cost more than the messages.
 */
export function useActiveRow(
  scroller: RefObject<HTMLElement | null>,
  rows: readonly Row[],
  toEdge: (edge: Edge) => void,
) {
  const [focused, setFocused] = useState<string | null>(null);
  const [byKey, setByKey] = useState(false);
  const [hovered, setHovered] = useState<string | null>(null);
  const last = rows.findLast((row) => row.kind === 'message' || row.kind === 'queued')?.key ?? null;
  const stop = rows.some((row) => row.key === focused) ? focused : last;

  const onKeyDown = useCallback(
    (event: React.KeyboardEvent) => {
      const article = event.target instanceof HTMLElement && event.target.matches('[data-stop]') ? event.target : null;
      if (!article || !scroller.current || event.altKey || event.ctrlKey || event.metaKey) return;
      const stops = rowElements(scroller.current).filter((row) => row.matches('[data-stop]'));
      const here = stops.indexOf(article);
      if (event.key === 'Enter') {
        const first = article.querySelector<HTMLElement>('[data-actions] button') ?? article.querySelector('button');
        first?.focus();
      } else if (event.key === 'Home' || event.key === 'End') {
        toEdge(event.key === 'Home' ? 'first' : 'latest');
      } else {
        const target = { ArrowUp: stops[here - 1], ArrowDown: stops[here + 1] }[event.key];
        if (!target) return;
        target.focus();
      }
      event.preventDefault();
    },
    [scroller, toEdge],
  );

  return {
    /** A pointer that happens to rest somewhere takes nothing from who goes by key. */
    isActive: (key: string) => key === hovered || (key === focused && (byKey || hovered === null)),
    stop,
    onKeyDown,
    // What a row opens, such as a menu, is elsewhere in the document, but its events pass here: they change nothing.
    onFocus: useCallback(({ currentTarget, target }: React.FocusEvent) => {
      if (!currentTarget.contains(target)) return;
      setFocused(rowKey(target));
      setByKey(target.matches(':focus-visible'));
    }, []),
    onPointerOver: useCallback(
      // A finger does not hover; what it touches gets the focus instead.
      ({ currentTarget, target, pointerType }: React.PointerEvent) =>
        pointerType === 'mouse' &&
        target instanceof Node &&
        currentTarget.contains(target) &&
        setHovered(rowKey(target)),
      [],
    ),
    onPointerLeave: useCallback(() => setHovered(null), []),
  };
}

export function rowKey(target: EventTarget | null): string | null {
  const row = target instanceof Element ? target.closest<HTMLElement>('[data-stop]') : null;
  return row?.dataset.row ?? null;
}
