import { act, render } from '@testing-library/react';
import { beforeAll, describe, expect, it } from 'vitest';
import { startI18n } from '../../app/i18n';
import { EmojiText, hasEmoji } from './EmojiText';
import { type EmojiSet, findEmojis, loadEmojis } from './emoji';

let set: EmojiSet;
beforeAll(async () => {
  await startI18n();
  set = await loadEmojis('en');
});

describe('emoji', () => {
  it('are found by the beginning of a short name, then by other words', () => {
    expect(findEmojis(set, 'tada')[0]?.emoji).toBe('🎉');
    expect(findEmojis(set, '+1')[0]?.names).toContain('+1');
    expect(findEmojis(set, 'party').map(({ emoji }) => emoji)).toContain('🎉');
    expect(findEmojis(set, 'zzzz')).toEqual([]);
  });

  it('have names in other languages, and English ones where there are none', async () => {
    expect((await loadEmojis('de')).labelOf('🚀')).toBe('Rakete');
    expect(await loadEmojis('ar')).toBe(set);
  });

  it('say their name in a text, with any tone; digits and letters stay text', async () => {
    const { container } = render(<EmojiText text="1 👍🏽 # ❤️ 👩‍👧 © x 🇩🇪" />);
    await act(async () => void (await loadEmojis('en')));
    const named = [...container.querySelectorAll('[role=img]')].map((one) => one.getAttribute('aria-label'));
    expect(named).toEqual(['thumbs up', 'red heart', 'family: woman, girl', 'flag: Germany']);
    expect(container.textContent).toBe('1 👍🏽 # ❤️ 👩‍👧 © x 🇩🇪');
    expect(hasEmoji('1 # *')).toBe(false);
  });
});
