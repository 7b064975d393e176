import { afterEach, describe, expect, it, vi } from 'vitest';
import { applyAppearance } from './appearance';
import { CHOICES, choose, onPreferences, parsePreferences, preferences } from './preferences';

afterEach(() => {
  choose('theme', 'system');
  choose('density', 'cosy');
  choose('size', 'normal');
  choose('motion', 'system');
});

describe('what was chosen on this device', () => {
  it.each([null, '', '{', '7', '"x"', 'null', '{"theme":"pink","send":3}'])(
    'is the first of each where %j is stored',
    (stored) => {
      const first = Object.fromEntries(Object.entries(CHOICES).map(([name, options]) => [name, options[0]]));
      expect(parsePreferences(stored)).toEqual(first);
    },
  );

  it('is read where it is known, beside what is not', () => {
    const read = parsePreferences('{"theme":"dark","send":"mod_enter","clock":"13","gone":"x"}');
    expect(read).toMatchObject({ theme: 'dark', send: 'mod_enter', clock: 'system' });
    expect(read).not.toHaveProperty('gone');
  });

  it('is kept, and told to whoever listens until they stop', () => {
    const heard = vi.fn();
    const stop = onPreferences(heard);
    choose('theme', 'dark');
    expect(preferences().theme).toBe('dark');
    expect(parsePreferences(localStorage.getItem('chirm-preferences')).theme).toBe('dark');
    stop();
    choose('theme', 'light');
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it('marks the page, for the styles', () => {
    const { dataset } = document.documentElement;
    for (const [name, value] of [
      ['theme', 'contrast'],
      ['density', 'compact'],
      ['size', 'large'],
      ['motion', 'reduced'],
    ] as const) {
      choose(name, value as never);
    }
    applyAppearance();
    expect({ ...dataset }).toEqual({ theme: 'contrast', density: 'compact', size: 'large', motion: 'reduced' });
    choose('theme', 'system');
    applyAppearance();
    expect(dataset).not.toHaveProperty('theme');
  });
});
