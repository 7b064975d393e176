import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { renderHook } from '@testing-library/react';
import { beforeAll, describe, expect, it } from 'vitest';
import { startI18n } from '../app/i18n';
import { choose } from '../app/preferences';
import { SAID, useFieldText } from './fieldText';

const server = resolve(import.meta.dirname, '../../../src');
const sources = readdirSync(server, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.rs'))
  .map((file) => readFileSync(resolve(server, file), 'utf8').replaceAll(/\{\w+\}/g, '{}'))
  .join('\n');

beforeAll(async () => {
  choose('language', 'de');
  await startI18n();
});

const say = (said: string) => renderHook(useFieldText).result.current(said);

describe('what the server says about a field', () => {
  it.each(Object.keys(SAID))('is still said by it: %s', (said) => {
    expect(sources).toContain(`"${said}"`);
  });

  it('is told in the reader’s language, with its numbers', () => {
    expect(say('At most 64 characters.')).toBe('Höchstens 64 Zeichen.');
    expect(say('Must be between 1 and 365.')).toBe('Eine Zahl von 1 bis 365.');
    expect(say('Too easy to guess. Choose another one.')).toMatch(/^Zu leicht zu erraten/);
  });

  it('is never told in a language that the page is not in', async () => {
    expect(say('Something that this client never heard of.')).toBe('Das wird so nicht angenommen. Ändere es bitte.');
  });
});
