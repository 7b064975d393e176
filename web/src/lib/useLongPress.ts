import { useEffect, useMemo, useRef } from 'react';

/** As long as phones wait themselves. */
const PRESS_MS = 500;
/** A finger is never quite still; further than this it means something else. */
const SLOP_PX = 10;

interface Press {
  target: Element;
  x: number;
  y: number;
  timer: ReturnType<typeof setTimeout>;
}

/**
 * Calls with what a finger rests on. A mouse has a pointer to hover with, and a button for menus; what has a long press
 * of its own, such as a link, keeps it.
 */
export function useLongPress(run: (target: Element) => void) {
  const latest = useRef(run);
  latest.current = run;
  const press = useRef<Press | null>(null);
  const handlers = useMemo(() => {
    const cancel = () => {
      clearTimeout(press.current?.timer);
      press.current = null;
    };
    const fire = () => {
      const target = press.current?.target;
      cancel();
      if (!target) return;
      // Before anything was ever touched, browsers refuse and complain.
      if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(8);
      latest.current(target);
    };
    return {
      cancel,
      onPointerDown({ pointerType, isPrimary, target, currentTarget, clientX, clientY }: React.PointerEvent) {
        cancel();
        // What a row opens is elsewhere in the document, but its events pass here.
        if (pointerType === 'mouse' || !isPrimary || !(target instanceof Element) || !currentTarget.contains(target))
          return;
        if (target.closest('a, button, input, summary')) return;
        press.current = { target, x: clientX, y: clientY, timer: setTimeout(fire, PRESS_MS) };
      },
      onPointerMove({ clientX, clientY }: React.PointerEvent) {
        const held = press.current;
        if (held && Math.hypot(clientX - held.x, clientY - held.y) > SLOP_PX) cancel();
      },
      onPointerUp: cancel,
      onPointerCancel: cancel,
      /** Where the phone notices first: ours takes the place of its menu. */
      onContextMenu(event: React.MouseEvent) {
        if (!press.current) return;
        event.preventDefault();
        fire();
      },
    };
  }, []);
  const { cancel, ...props } = handlers;
  useEffect(() => cancel, [cancel]);
  return props;
}
