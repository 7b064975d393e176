import { type ComponentType, lazy } from 'react';
import { imported } from './imported';

type Module<P> = () => Promise<{ default: ComponentType<P> }>;

const loads = new Set<() => Promise<unknown>>();
const failed = new Set<() => void>();

/**
 * A part of the client that comes in a file of its own, with what else it cannot do without. Unlike with `lazy` alone a
 * failure does not last: after `forgetFailures` the next rendering asks for the file again.
 */
export function part<P extends object>(module: Module<P>, also?: () => Promise<unknown>): ComponentType<P> {
  const load = async () => {
    const [loaded] = await Promise.all([imported(module as Module<object>), also?.()]);
    return loaded;
  };
  const attempt = () =>
    lazy<ComponentType<object>>(() =>
      load().catch((cause: unknown) => {
        failed.add(again);
        throw cause;
      }),
    );
  const again = () => {
    Loaded = attempt();
  };
  let Loaded = attempt();
  loads.add(load);
  return (props: P) => <Loaded {...props} />;
}

export function forgetFailures(): void {
  for (const again of failed) again();
  failed.clear();
}

/**
 * Fetches all parts, one after the other, while the page has nothing else to do: they are there when the network, or the
 * build they belong to, is gone. What cannot be fetched now is asked for again when it is wanted.
 */
export async function fetchParts(): Promise<void> {
  for (const load of loads) {
    await idle();
    await load().catch(() => {});
  }
}

/** Safari has no word for it. */
const idle = () =>
  new Promise<void>((now) =>
    'requestIdleCallback' in window ? requestIdleCallback(() => now()) : setTimeout(now, 200),
  );
