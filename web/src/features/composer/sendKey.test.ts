import { describe, expect, it } from 'vitest';
import { sendsMessage } from './sendKey';

const enter = { key: 'Enter', shiftKey: false, ctrlKey: false, metaKey: false };

describe('a message is sent', () => {
  it.each([
    ['by Enter', enter, 'enter', false, true],
    ['not by Shift+Enter', { ...enter, shiftKey: true }, 'enter', false, false],
    ['not by Enter on touch', enter, 'enter', true, false],
    ['not by Enter alone where that was chosen', enter, 'mod_enter', false, false],
    ['by Ctrl+Enter where that was chosen', { ...enter, ctrlKey: true }, 'mod_enter', false, true],
    ['by Cmd+Enter, even on touch', { ...enter, metaKey: true }, 'mod_enter', true, true],
    ['by no other key', { ...enter, key: 'a', ctrlKey: true }, 'enter', false, false],
  ] as const)('%s', (_what, event, chosen, touch, expected) => {
    expect(sendsMessage(event, chosen, touch)).toBe(expected);
  });
});
