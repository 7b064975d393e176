/** What the server answers itself, below the path it is mounted under. */
const SERVERS_OWN = /^(api|ws|docs|healthz|readyz|metrics|csp-report)(\/|$)/;

/** Whether a page at this address is the client; as the server decides it. `scope` is the client's own path, with its slash. */
export function isClientAddress(pathname: string, scope: string): boolean {
  if (!pathname.startsWith(scope)) return false;
  const path = pathname.slice(scope.length);
  return path === 'index.html' || path.startsWith('r/') || !(path.includes('.') || SERVERS_OWN.test(path));
}
