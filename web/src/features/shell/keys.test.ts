import { describe, expect, it } from 'vitest';
import { shortcutFor } from './keys';

const press = (key: string, over: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey', boolean>> = {}) =>
  shortcutFor({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...over });

describe('shortcuts', () => {
  it('need exactly their modifiers', () => {
    expect(press('k', { ctrlKey: true })).toBe('switcher');
    expect(press('K', { metaKey: true })).toBe('switcher');
    expect(press('k')).toBeNull();
    expect(press('k', { ctrlKey: true, shiftKey: true })).toBeNull();
    expect(press('ArrowUp', { altKey: true })).toBe('previous');
    expect(press('ArrowUp', { altKey: true, shiftKey: true })).toBe('previous_unread');
  });
});
