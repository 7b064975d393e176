/** The path that the server is mounted under, without the slash at its end: '' at the root of a host. */
export const basePath = new URL('.', document.baseURI).pathname.replace(/\/$/, '');

export const apiUrl = `${basePath}/api/v1`;

export function socketUrl(): string {
  const url = new URL('ws', document.baseURI);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}

/** The full address of a place in this client, for copying. */
export function linkTo(path: string): string {
  return new URL(`.${path}`, document.baseURI).href;
}
