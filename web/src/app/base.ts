/**
 * The path that the server is mounted under, as it says in the page. Not a base element: the content security policy
 * allows none, because one that was smuggled in would send every address elsewhere.
 */
const meta = document.querySelector<HTMLMetaElement>('meta[name=base]');
const root = new URL(meta?.content || '/', location.href);

/** Without the slash at its end: '' at the root of a host. */
export const basePath = root.pathname.replace(/\/$/, '');

export const apiUrl = `${basePath}/api/v1`;

export function socketUrl(): string {
  const url = new URL('ws', root);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}

/** The full address of a place in this client, for copying. */
export function linkTo(path: string): string {
  return new URL(`.${path}`, root).href;
}

/** The place in this client that an address leads to, or null where it leads to another site. */
export function placeOf(address: string): string | null {
  const rooms = new URL('r/', root).href;
  return address.startsWith(rooms) ? new URL(address).pathname.slice(basePath.length) : null;
}
