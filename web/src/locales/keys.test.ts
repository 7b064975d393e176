import { describe, expect, it } from 'vitest';

const locales = import.meta.glob<Record<string, unknown>>('./*.json', { eager: true, import: 'default' });

/** Plural forms differ between languages; what counts is that the sentence exists. */
function keys(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [path.replace(/_(zero|one|two|few|many|other)$/, '')];
  return Object.entries(value).flatMap(([key, part]) => keys(part, path ? `${path}.${key}` : key));
}

describe('every language', () => {
  const english = new Set(keys(locales['./en.json']));
  it.each(Object.keys(locales))('%s has every sentence and no other', (file) => {
    expect(new Set(keys(locales[file]))).toEqual(english);
  });
});
