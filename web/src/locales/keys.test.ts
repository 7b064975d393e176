import { describe, expect, it } from 'vitest';

type Catalogue = Record<string, unknown>;
const locales = import.meta.glob<Catalogue>('./*.json', { eager: true, import: 'default' });
const languages = Object.keys(locales).map((file) => file.replace(/^\.\/|\.json$/g, ''));
const catalogue = (language: string): Catalogue => locales[`./${language}.json`] ?? {};

const FORM = /_(zero|one|two|few|many|other)$/;

/** Every sentence by its path. */
function sentences(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  return Object.entries(value as Catalogue).flatMap(([key, part]) => sentences(part, path ? `${path}.${key}` : key));
}

const placeholders = (text: string) => new Set([...text.matchAll(/{{(\w+)}}/g)].map(([, name]) => name));

/** The sentences that have plural forms in English: they count something. */
const english = sentences(catalogue('en'));
const counted = new Set(english.filter(([path]) => /_other$/.test(path)).map(([path]) => path.replace(FORM, '')));
const stem = (path: string) => (counted.has(path.replace(FORM, '')) ? path.replace(FORM, '') : path);
const stems = new Set(english.map(([path]) => stem(path)));

describe.each(languages)('%s', (language) => {
  const own = sentences(catalogue(language));

  it('has every sentence and no other', () => {
    expect(new Set(own.map(([path]) => stem(path)))).toEqual(stems);
  });

  it('has each plural form that its grammar knows, once', () => {
    const { pluralCategories } = new Intl.PluralRules(language).resolvedOptions();
    const wanted = [...counted].flatMap((path) => pluralCategories.map((form) => `${path}_${form}`));
    const found = new Set(own.map(([path]) => path));
    expect(wanted.filter((path) => !found.has(path))).toEqual([]);
    // A form for nothing may be added in any language; others would never be used.
    const known = new Set([...pluralCategories, 'zero']);
    const idle = own.filter(
      ([path]) => counted.has(stem(path)) && !known.has(FORM.exec(path)?.[1] as Intl.LDMLPluralRule),
    );
    expect(idle).toEqual([]);
  });

  it('fills in what the English sentence fills in', () => {
    for (const [path, text] of own) {
      const [, original = ''] =
        english.find(([other]) => other === path) ?? english.find(([other]) => other === `${stem(path)}_other`) ?? [];
      const wanted = placeholders(original);
      const given = placeholders(text);
      // A number may be a word: "a member", "two members".
      if (counted.has(stem(path)) && FORM.exec(path)?.[1] !== 'other')
        for (const set of [wanted, given]) set.delete('count');
      expect([...given].sort(), path).toEqual([...wanted].sort());
    }
  });

  it('leaves nothing empty or with a stray space', () => {
    expect(own.filter(([, text]) => text.trim() === '' || text !== text.trim())).toEqual([]);
  });
});

it('a command stays in one piece where the sentence around it runs the other way', () => {
  const arabic = sentences(catalogue('ar')).filter(([, text]) => /\/[a-z{]/.test(text));
  expect(arabic.length).toBeGreaterThan(0);
  expect(arabic.filter(([, text]) => /(?<![\u2066/])\/[a-z{/]/.test(text))).toEqual([]);
});
