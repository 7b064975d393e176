import { useEffect, useRef } from 'react';

interface Deeds {
  /** End: to the newest message. */
  end(): void;
  escape(): void;
}

/** End in a text moves through it; where there is none, it means the room. */
function meansRoom(target: EventTarget | null): boolean {
  if (target instanceof HTMLTextAreaElement) return target.id === 'composer' && target.value === '';
  return target === document.body || (target instanceof Element && target.closest('#messages') !== null);
}

/** Keys that mean the open room wherever the focus is. Whoever has another use for them has taken them before. */
export function useRoomKeys(deeds: Deeds): void {
  const latest = useRef(deeds);
  latest.current = deeds;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const { key, altKey, ctrlKey, metaKey, shiftKey, target } = event;
      if (event.defaultPrevented || event.isComposing || altKey || ctrlKey || metaKey || shiftKey) return;
      if (document.querySelector('[role=dialog],[role=alertdialog],[role=menu]')) return;
      if (key === 'Escape') latest.current.escape();
      if (key !== 'End' || !meansRoom(target)) return;
      event.preventDefault();
      latest.current.end();
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, []);
}
