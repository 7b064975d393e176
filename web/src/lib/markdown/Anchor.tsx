import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { placeOf } from '../../app/base';
import { safeUrl } from './safeUrl';

/** A link in a message: to a place in this client, to another site, or mere text where the address is not allowed. */
export function Anchor({ href, children }: { href: string; children: ReactNode }) {
  const url = safeUrl(href);
  if (!url) return <>{children}</>;
  const place = placeOf(url);
  if (place) return <Link href={place}>{children}</Link>;
  return (
    <a href={url} target="_blank" rel="noopener noreferrer nofollow ugc">
      {children}
    </a>
  );
}
