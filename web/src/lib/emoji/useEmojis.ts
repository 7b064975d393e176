import { useEffect, useState } from 'react';
import { type EmojiSet, emojisAtHand, loadEmojis } from './emoji';

/** The emoji with their names, once they are there. Asked for only while somebody wants them. */
export function useEmojis(wanted: boolean): EmojiSet | null {
  const [set, setSet] = useState<EmojiSet | null>(() => emojisAtHand());
  useEffect(() => {
    if (!wanted || set) return;
    let gone = false;
    // Without them everything works but looks things up by their names.
    loadEmojis().then(
      (loaded) => gone || setSet(loaded),
      () => {},
    );
    return () => {
      gone = true;
    };
  }, [wanted, set]);
  return set;
}
