import { Info } from 'lucide-react';
import type { ReactNode } from 'react';

export function Note({ children }: { children: ReactNode }) {
  return (
    <p className="flex gap-2.5 rounded-box bg-well px-3.5 py-2.5 text-note text-soft forced-edge">
      <Info aria-hidden size={18} className="shrink-0" />
      <span>{children}</span>
    </p>
  );
}
