import { Failure } from '@chirm/client';
import { useRef, useState } from 'react';

/** Something that takes a while and may fail: one at a time, with the failure kept for showing. */
export function useAction<A extends unknown[]>(act: (...args: A) => Promise<unknown>, done?: () => void) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const running = useRef(false);
  const run = async (...args: A): Promise<void> => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setFailure(null);
    try {
      await act(...args);
      done?.();
    } catch (cause) {
      setFailure(cause instanceof Failure ? cause : new Failure('internal', String(cause)));
    } finally {
      running.current = false;
      setBusy(false);
    }
  };
  return { run: (...args: A) => void run(...args), busy, failure };
}
