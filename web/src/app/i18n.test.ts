import { describe, expect, it } from 'vitest';
import { languageOf, localeOf } from './i18n';

describe('the language', () => {
  it('is the chosen one, else the browser’s first that there is, else English', () => {
    expect(languageOf('ar', ['de-AT'])).toBe('ar');
    expect(languageOf('system', ['fr-CA', 'de-AT', 'en'])).toBe('de');
    expect(languageOf('system', ['fr', 'constructor'])).toBe('en');
  });

  it('keeps the browser’s region for dates, and one kind of digits', () => {
    expect(localeOf('en', ['en-GB', 'de'])).toBe('en-GB');
    expect(localeOf('de', ['en-GB'])).toBe('de');
    expect(localeOf('ar', ['ar-EG'])).toBe('ar-EG-u-nu-latn');
    expect(new Intl.NumberFormat(localeOf('ar', ['ar-EG'])).format(12)).toBe('12');
  });
});
