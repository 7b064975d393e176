import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { imported } from '../lib/imported';
import en from '../locales/en.json';
import { onPreferences, preferences } from './preferences';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof en };
  }
}

export const i18n = i18next;

/** In their own names, as one looks for one's language in a page that one cannot read. */
export const LANGUAGES = { en: 'English', de: 'Deutsch', ar: 'العربية' } as const;
export type Language = keyof typeof LANGUAGES;

/** English is in the first load, and stands in where a sentence is missing; the others are fetched when they are chosen. */
const FETCHED: Record<Exclude<Language, 'en'>, () => Promise<{ default: object }>> = {
  de: () => imported(() => import('../locales/de.json')),
  ar: () => imported(() => import('../locales/ar.json')),
};

export function isLanguage(tag: string): tag is Language {
  return Object.hasOwn(LANGUAGES, tag);
}

/** What was chosen, else the first of the browser's languages that there is. */
export function languageOf(chosen: Language | 'system', browser: readonly string[] = navigator.languages): Language {
  if (chosen !== 'system') return chosen;
  return browser.map((tag) => tag.split('-')[0] ?? '').find(isLanguage) ?? 'en';
}

/** The same with the region that the browser names, which decides about dates and the clock. Digits are the ones of our numbers. */
export function localeOf(language: string, browser: readonly string[] = navigator.languages): string {
  const regional = browser.find((tag) => tag.split('-')[0] === language) ?? language;
  return language === 'ar' ? `${regional.split('-u-')[0]}-u-nu-latn` : regional;
}

async function speak(): Promise<void> {
  const language = languageOf(preferences().language);
  if (language !== 'en' && !i18next.hasResourceBundle(language, 'translation')) {
    i18next.addResourceBundle(language, 'translation', (await FETCHED[language]()).default);
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
  document.documentElement.dir = i18next.dir(language);
}

export async function startI18n(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: 'en',
    fallbackLng: 'en',
    resources: { en: { translation: en } },
    // React escapes.
    interpolation: { escapeValue: false },
  });
  // A language that cannot be fetched leaves the one that is there.
  const tried = () => speak().catch(() => {});
  onPreferences(tried);
  await tried();
}
