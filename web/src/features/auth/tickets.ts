export interface Tickets {
  setup: string | undefined;
  invite: string | undefined;
}

/**
 * What the link that led here brought along: the first owner's token, or an invitation. After the hash it stays in
 * the browser and out of every log; after the question mark it is understood as well.
 */
export function tickets({ search, hash }: Pick<Location, 'search' | 'hash'> = location): Tickets {
  const query = new URLSearchParams(search);
  const fragment = new URLSearchParams(hash.slice(1));
  const find = (name: string) => fragment.get(name) ?? query.get(name) ?? undefined;
  return { setup: find('setup'), invite: find('invite') };
}

/** Used up: it must not stay in the address bar, nor in what is copied from there. */
export function dropTickets(): void {
  history.replaceState(history.state, '', location.pathname);
}
