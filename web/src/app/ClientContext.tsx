import type { Client, State } from '@chirm/client';
import { createContext, type ReactNode, useContext, useMemo, useRef, useSyncExternalStore } from 'react';
import { coalesced, type Subscribe } from '../lib/coalesced';
import { same } from '../lib/same';

interface Provided {
  client: Client;
  subscribe: Subscribe;
}

const Context = createContext<Provided | null>(null);

export function ClientProvider({ client, children }: { client: Client; children: ReactNode }) {
  const provided = useMemo(() => ({ client, subscribe: coalesced(client.store.subscribe) }), [client]);
  return <Context value={provided}>{children}</Context>;
}

function useProvided(): Provided {
  const provided = useContext(Context);
  if (!provided) throw new Error('outside of ClientProvider');
  return provided;
}

export function useClient(): Client {
  return useProvided().client;
}

/** A part of the state; renders again only when that part changes (compared one level deep). */
export function useSelect<T>(select: (state: State) => T): T {
  const { client, subscribe } = useProvided();
  const held = useRef<T | undefined>(undefined);
  return useSyncExternalStore(subscribe, () => {
    const next = select(client.store.get());
    if (held.current === undefined || !same(held.current, next)) held.current = next;
    return held.current;
  });
}
