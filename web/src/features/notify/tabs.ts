import { basePath } from '../../app/base';

const TELLER = `chirm-teller${basePath}`;
const WATCHED = `chirm-watched${basePath}`;

/**
 * Which tab tells, where several are open: the one that holds a lock, until it closes. Each tab that somebody looks at holds
 * another one, so that the teller knows. Without locks (plain http) there are no notifications either.
 */
export function watchTabs(): { mayTell(): Promise<boolean>; stop(): void } {
  const locks: LockManager | undefined = navigator.locks;
  const life = new AbortController();
  let telling = false;
  let unwatch: (() => void) | undefined;

  const look = () => {
    const seen = document.visibilityState === 'visible' && document.hasFocus();
    if (seen === Boolean(unwatch)) return;
    unwatch?.();
    unwatch = seen ? hold(locks, WATCHED, 'shared') : undefined;
  };
  const stopTelling = hold(locks, TELLER, 'exclusive', () => {
    telling = true;
  });
  look();
  for (const event of ['focus', 'blur']) window.addEventListener(event, look, { signal: life.signal });
  document.addEventListener('visibilitychange', look, { signal: life.signal });

  return {
    async mayTell() {
      if (!telling) return false;
      const { held = [] } = await locks.query();
      return !held.some(({ name }) => name === WATCHED);
    },
    stop() {
      life.abort();
      unwatch?.();
      stopTelling();
    },
  };
}

/** Holds a lock from when it is granted until the returned function is called. */
function hold(locks: LockManager | undefined, name: string, mode: LockMode, granted = () => {}): () => void {
  const wish = new AbortController();
  let release = () => {};
  const held = new Promise<void>((done) => {
    release = done;
  });
  locks
    ?.request(name, { mode, signal: wish.signal }, () => {
      granted();
      return held;
    })
    .catch(() => {});
  return () => {
    wish.abort();
    release();
  };
}
