import { useEffect, useMemo, useRef } from 'react';

/**
 * A little longer than phones wait before they open a menu of their own: where they do, ours takes its place, and the rest of
 * the gesture is done with. Opened before, it would lie under the finger and be what the phone finds there.
 */
const PRESS_MS = 600;
/** A finger is never quite still; further than this it means something else. */
const SLOP_PX = 10;

interface Press {
  target: Element;
  x: number;
  y: number;
  timer: ReturnType<typeof setTimeout>;
}

const REST = ['contextmenu', 'mousedown', 'mouseup', 'click'] as const;
const REST_MS = 700;

/** What browsers make of the finger's being lifted is nothing to what has just opened under it. */
function swallowRest(): void {
  const listening = new AbortController();
  const { signal } = listening;
  const swallow = (event: Event) => {
    event.preventDefault();
    event.stopPropagation();
  };
  const end = () => listening.abort();
  for (const kind of REST) window.addEventListener(kind, swallow, { capture: true, signal });
  for (const kind of ['pointerup', 'pointercancel'] as const)
    window.addEventListener(kind, () => setTimeout(end, REST_MS), { capture: true, signal });
  for (const kind of ['pointerdown', 'keydown'] as const) window.addEventListener(kind, end, { capture: true, signal });
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
      swallowRest();
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
