import type { Row } from '@chirm/client';
import { type RefObject, useCallback, useState } from 'react';
import { rowElements } from './position';

/**
 * The list is one tab stop; arrows move within it. Only the row under the pointer or the focus shows what can be done
 * with it, because a menu for each of some hundred rows would cost more than the messages.
 */
export function useActiveRow(scroller: RefObject<HTMLElement | null>, rows: readonly Row[], toEnd: () => void) {
  const [focused, setFocused] = useState<string | null>(null);
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
      } else if (event.key === 'End') {
        toEnd();
        stops.at(-1)?.focus();
      } else {
        const target = { ArrowUp: stops[here - 1], ArrowDown: stops[here + 1], Home: stops[0] }[event.key];
        if (!target) return;
        target.focus();
      }
      event.preventDefault();
    },
    [scroller, toEnd],
  );

  return {
    key: hovered ?? focused,
    stop,
    onKeyDown,
    // What a row opens, such as a menu, is elsewhere in the document, but its events pass here: they change nothing.
    onFocus: useCallback(
      (event: React.FocusEvent) => event.currentTarget.contains(event.target) && setFocused(rowKey(event.target)),
      [],
    ),
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

function rowKey(target: EventTarget): string | null {
  const row = target instanceof Element ? target.closest<HTMLElement>('[data-stop]') : null;
  return row?.dataset.row ?? null;
}
