import { basePath } from './base';

/** As wide as one pane: there the list is behind a room, and a room behind its details. */
const ONE_PANE = '(max-width: 48rem)';

/**
 * Whoever enters by an address, as from a notification, comes back to the list by Back instead of leaving the client:
 * what would have been passed on the way is put into the history. Reloading, or coming back, has passed it already.
 */
export function putListBehind(): void {
  const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  if (entry?.type !== 'navigate' || !matchMedia(ONE_PANE).matches) return;
  const here = location.pathname + location.search + location.hash;
  const [first, ...others] = [...waysTo(location.pathname.slice(basePath.length)), here];
  if (others.length === 0) return;
  history.replaceState(null, '', first);
  for (const next of others) history.pushState(null, '', next);
}

/** What is passed on the way from the list to a place of the client. */
function waysTo(path: string): string[] {
  if (path === '' || path === '/') return [];
  const [, room] = /^(\/r\/[^/]+)\/info$/.exec(path) ?? [];
  return [`${basePath}/`, ...(room ? [basePath + room] : [])];
}
