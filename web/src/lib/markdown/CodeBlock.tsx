import { type ReactNode, useEffect, useState } from 'react';
import { imported } from '../imported';
import type { Piece } from './highlight';

type Highlight = (code: string, language: string) => Piece[] | null;

let loaded: Highlight | undefined;

/** What knows the languages is fetched when the first block says which one it is in. */
function useHighlight(wanted: boolean): Highlight | undefined {
  const [highlight, setHighlight] = useState<Highlight | undefined>(() => loaded);
  useEffect(() => {
    if (!wanted || loaded) return;
    let gone = false;
    imported(() => import('./highlight')).then(
      (module) => {
        loaded = module.highlight;
        if (!gone) setHighlight(() => module.highlight);
      },
      // Code without colours is still code.
      () => {},
    );
    return () => {
      gone = true;
    };
  }, [wanted]);
  return highlight;
}

export function CodeBlock({ text, language }: { text: string; language: string }) {
  const highlight = useHighlight(language !== '');
  const pieces = language ? highlight?.(text, language) : null;
  return (
    <pre dir="ltr" data-language={language || undefined}>
      <code>{pieces ? coloured(pieces) : text}</code>
    </pre>
  );
}

function coloured(pieces: readonly Piece[]): ReactNode {
  return pieces.map((piece, i) =>
    typeof piece === 'string' ? (
      piece
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: a message's code never changes
      <span key={i} className={piece.kind ? `code-${piece.kind}` : undefined}>
        {coloured(piece.pieces)}
      </span>
    ),
  );
}
