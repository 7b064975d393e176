import type { ReactNode } from 'react';

interface Props {
  title: string;
  text?: string;
  children?: ReactNode;
}

/** A place with nothing in it yet, and what can be done about that. */
export function Empty({ title, text, children }: Props) {
  return (
    <div className="mx-auto grid max-w-sm justify-items-center gap-3 px-6 py-10 text-balance text-center">
      <Drops />
      <p className="font-bold text-lg">{title}</p>
      {text && <p className="text-soft">{text}</p>}
      {children}
    </div>
  );
}

/** Three voices of different size. */
function Drops() {
  return (
    <div aria-hidden className="mb-2 flex items-end gap-1.5">
      <span className="drop size-6 bg-line" />
      <span className="drop size-11 bg-accent-soft" />
      <span className="drop size-4 bg-ember-soft" />
    </div>
  );
}
