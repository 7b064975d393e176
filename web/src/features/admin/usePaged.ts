import { Failure } from '@chirm/client';
import { useCallback, useEffect, useState } from 'react';

export interface PageOf<T> {
  items: T[];
  next: string | null;
}

/** A list that is fetched page by page; starts over when `fetchPage` changes. */
export function usePaged<T>(fetchPage: (cursor?: string) => Promise<PageOf<T>>) {
  const [items, setItems] = useState<T[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [turn, setTurn] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `turn` is how `reload` starts over
  useEffect(() => {
    let stale = false;
    fetchPage().then(
      (page) => {
        if (stale) return;
        setItems(page.items);
        setNext(page.next);
        setFailure(null);
      },
      (cause) => stale || setFailure(asFailure(cause)),
    );
    return () => {
      stale = true;
    };
  }, [fetchPage, turn]);

  const more = useCallback(() => {
    if (!next) return;
    fetchPage(next).then(
      (page) => {
        setItems((held) => [...(held ?? []), ...page.items]);
        setNext(page.next);
      },
      (cause) => setFailure(asFailure(cause)),
    );
  }, [fetchPage, next]);

  return { items, failure, more: next ? more : null, reload: useCallback(() => setTurn((n) => n + 1), []) };
}

function asFailure(cause: unknown): Failure {
  return cause instanceof Failure ? cause : new Failure('internal', String(cause));
}
