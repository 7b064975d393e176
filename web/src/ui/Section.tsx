import { type ReactNode, useId } from 'react';

interface Props {
  title: string;
  text?: string;
  children: ReactNode;
}

export function Section({ title, text, children }: Props) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="grid grid-cols-1 gap-4 rounded-sheet border border-line p-4 sm:p-6">
      <div>
        <h2 id={id} className="font-bold text-base">
          {title}
        </h2>
        {text && <p className="text-note text-soft">{text}</p>}
      </div>
      {children}
    </section>
  );
}
