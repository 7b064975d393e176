import { describe, expect, it } from 'vitest';
import { isWriting, shortcutFor } from './keys';

const press = (key: string, over: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey', boolean>> = {}) =>
  shortcutFor({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...over }, true);

describe('shortcuts', () => {
  it('need exactly their modifiers', () => {
    expect(press('k', { ctrlKey: true })).toBe('switcher');
    expect(press('K', { metaKey: true })).toBe('switcher');
    expect(press('k')).toBeNull();
    expect(press('k', { ctrlKey: true, shiftKey: true })).toBeNull();
    expect(press('ArrowUp', { altKey: true })).toBe('previous');
    expect(press('ArrowUp', { altKey: true, shiftKey: true })).toBe('previous_unread');
    expect(press('F6')).toBe('regions');
    expect(press('F6', { ctrlKey: true })).toBe('regions');
    expect(press('F6', { shiftKey: true })).toBe('regions_back');
  });

  it('of a single character can be switched off, and need no certain Shift', () => {
    expect(press('?')).toBe('help_letter');
    expect(press('?', { shiftKey: true })).toBe('help_letter');
    const question = { key: '?', ctrlKey: false, metaKey: false, altKey: false, shiftKey: true };
    expect(shortcutFor(question, false)).toBeNull();
  });

  it('leave characters to whoever writes', () => {
    document.body.innerHTML = '<textarea></textarea><button><i>x</i></button>';
    expect(isWriting(document.querySelector('textarea'))).toBe(true);
    expect(isWriting(document.querySelector('i'))).toBe(false);
    expect(isWriting(null)).toBe(false);
  });
});
