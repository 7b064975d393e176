export type Subscribe = (listener: () => void) => () => void;

/** As often as a screen shows something new. */
const FRAME_MS = 16;

/**
 * The first change is passed on at once; what follows within a frame, together at its end. A burst of a thousand events
 * is then a few renderings and not a thousand, and a single one waits for nothing.
 */
export function coalesced(subscribe: Subscribe, ms = FRAME_MS): Subscribe {
  const listeners = new Set<() => void>();
  let waiting = false;
  let more = false;
  const tell = () => {
    more = false;
    waiting = true;
    setTimeout(() => {
      waiting = false;
      if (more) tell();
    }, ms);
    for (const listener of [...listeners]) listener();
  };
  const changed = () => {
    if (waiting) more = true;
    else tell();
  };
  let unsubscribe: (() => void) | undefined;
  return (listener) => {
    listeners.add(listener);
    unsubscribe ??= subscribe(changed);
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0) return;
      unsubscribe?.();
      unsubscribe = undefined;
    };
  };
}
