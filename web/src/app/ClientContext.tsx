import type { Client, State } from '@chirm/client';
import { createContext, type ReactNode, useContext, useRef, useSyncExternalStore } from 'react';
import { same } from '../lib/same';

const Context = createContext<Client | null>(null);

export function ClientProvider({ client, children }: { client: Client; children: ReactNode }) {
  return <Context value={client}>{children}</Context>;
}

export function useClient(): Client {
  const client = useContext(Context);
  if (!client) throw new Error('outside of ClientProvider');
  return client;
}

/** A part of the state; renders again only when that part changes (compared one level deep). */
export function useSelect<T>(select: (state: State) => T): T {
  const { store } = useClient();
  const held = useRef<T | undefined>(undefined);
  return useSyncExternalStore(store.subscribe, () => {
    const next = select(store.get());
    if (held.current === undefined || !same(held.current, next)) held.current = next;
    return held.current;
  });
}
