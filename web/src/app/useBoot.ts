import type { User } from '@chirm/client';
import { useCallback, useEffect, useState } from 'react';
import { useClient, useSelect } from './ClientContext';

export type Boot =
  | { kind: 'loading' }
  | { kind: 'in' }
  | { kind: 'out'; enter(user: User): void }
  | { kind: 'unreachable'; retry(): void };

type Phase = 'loading' | 'known' | 'unreachable';

/** What the page starts as: signed in (by cookie, or from the last snapshot without a network), signed out, or cut off. */
export function useBoot(): Boot {
  const client = useClient();
  const signedIn = useSelect((state) => state.me !== null);
  const [phase, setPhase] = useState<Phase>('loading');

  const ask = useCallback(() => {
    client.whoAmI().then(
      (user) => {
        if (user) client.start(user);
        setPhase('known');
      },
      () => setPhase('unreachable'),
    );
  }, [client]);

  useEffect(ask, [ask]);

  if (signedIn) return { kind: 'in' };
  if (phase === 'known') return { kind: 'out', enter: (user) => void client.signedIn(user) };
  if (phase === 'unreachable') return { kind: 'unreachable', retry: ask };
  return { kind: 'loading' };
}
