export interface Tickets {
  setup: string | undefined;
  invite: string | undefined;
}

/** What the link that led here brought along: the first owner's token, or an invitation. */
export function tickets(search: string = location.search): Tickets {
  const query = new URLSearchParams(search);
  return { setup: query.get('setup') ?? undefined, invite: query.get('invite') ?? undefined };
}

/** Used up: it must not stay in the address bar, nor in what is copied from there. */
export function dropTickets(): void {
  history.replaceState(history.state, '', location.pathname);
}
