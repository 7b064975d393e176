import type { Link } from '../link/link';
import type { Store } from '../store';
import type { Ports } from './ports';

/** What every part of the engine works with. */
export interface Engine {
  store: Store;
  link: Link;
  ports: Ports;
}

export function isOnline({ store }: Engine): boolean {
  return store.get().connection.kind === 'online';
}
