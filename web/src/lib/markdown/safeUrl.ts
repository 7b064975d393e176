const ALLOWED = new Set(['http:', 'https:', 'mailto:']);

/** The address if it may be followed from a message, else null. */
export function safeUrl(href: string): string | null {
  try {
    const url = new URL(href);
    return ALLOWED.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}
