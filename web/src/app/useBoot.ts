import type { User } from '@chirm/client';
import { useCallback, useEffect, useState } from 'react';
import { useClient, useSelect } from './ClientContext';

export type Boot =
  | { kind: 'loading' }
  /** The server takes its time, and nothing is remembered from an earlier visit. */
  | { kind: 'waiting' }
  | { kind: 'in' }
  | { kind: 'out'; enter(user: User): void }
  | { kind: 'unreachable'; retry(): void };

type Phase = 'loading' | 'waiting' | 'known' | 'unreachable';

/** Before this an empty page is better than one that flickers. */
const PATIENCE_MS = 800;

/** What the page starts as: signed in (by cookie, or by what the last visit left), signed out, or cut off. */
export function useBoot(): Boot {
  const client = useClient();
  const signedIn = useSelect((state) => state.me !== null);
  const [phase, setPhase] = useState<Phase>('loading');

  const ask = useCallback(() => {
    setPhase('loading');
    client.resume().then(
      () => setPhase('known'),
      () => setPhase('unreachable'),
    );
  }, [client]);

  useEffect(ask, [ask]);

  useEffect(() => {
    if (phase !== 'loading') return;
    const timer = setTimeout(() => setPhase('waiting'), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [phase]);

  if (signedIn) return { kind: 'in' };
  if (phase === 'known') return { kind: 'out', enter: (user) => void client.signedIn(user) };
  if (phase === 'unreachable') return { kind: 'unreachable', retry: ask };
  return { kind: phase };
}
