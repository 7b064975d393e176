import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { basePath } from '../../app/base';
import { safeUrl } from './safeUrl';

/** A link in a message: to a place in this client, to another site, or mere text where the address is not allowed. */
export function Anchor({ href, children }: { href: string; children: ReactNode }) {
  const url = safeUrl(href);
  if (!url) return <>{children}</>;
  const within = new URL('r/', document.baseURI).href;
  if (url.startsWith(within)) return <Link href={new URL(url).pathname.slice(basePath.length)}>{children}</Link>;
  return (
    <a href={url} target="_blank" rel="noopener noreferrer nofollow ugc">
      {children}
    </a>
  );
}
