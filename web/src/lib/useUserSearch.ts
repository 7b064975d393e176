import { Failure, type User } from '@chirm/client';
import { useEffect, useState } from 'react';
import { useClient, useSelect } from '../app/ClientContext';

const PAUSE_MS = 180;
const MOST = 20;

/** People by the beginning of their name, without me; asks once typing pauses. */
export function useUserSearch(query: string): { found: readonly User[]; failure: Failure | null; settled: boolean } {
  const { api } = useClient();
  const me = useSelect((state) => state.me?.id);
  const [answer, setAnswer] = useState<{ query: string | null; found: User[]; failure: Failure | null }>({
    query: null,
    found: [],
    failure: null,
  });
  useEffect(() => {
    let stale = false;
    const timer = setTimeout(() => {
      api.findUsers(query.trim().replace(/^@/, ''), { limit: MOST }).then(
        ({ users }) => stale || setAnswer({ query, found: users, failure: null }),
        (cause) =>
          stale || setAnswer({ query, found: [], failure: cause instanceof Failure ? cause : new Failure('internal') }),
      );
    }, PAUSE_MS);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [api, query]);
  return {
    found: answer.found.filter((user) => user.id !== me),
    failure: answer.failure,
    settled: answer.query === query,
  };
}
