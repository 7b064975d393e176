import type { ParseKeys } from 'i18next';
import { useTranslation } from 'react-i18next';

/**
 * What the server says about a field, word for word, and the sentence that says it in the reader's language. `{}` stands for
 * a number. A sentence that is not here is shown as it came where the page is English, and as "not accepted" elsewhere.
 */
export const SAID: Readonly<Record<string, ParseKeys>> = {
  '3 to 32 of a-z, 0-9, dot, underscore and hyphen; starts with a letter or digit.': 'field.username',
  '1 to 64 of a-z, 0-9, dot, underscore and hyphen.': 'field.channel',
  '8 to 1024 bytes; 15 or more are advised.': 'field.password',
  'Too easy to guess. Choose another one.': 'field.guessable',
  'This is not your password.': 'field.wrong_password',
  'A group needs a name.': 'field.group_name',
  'Must not be empty.': 'field.empty',
  'This field is missing.': 'field.empty',
  'At most {} characters.': 'field.too_long',
  'Control and invisible characters are not allowed.': 'field.invisible',
  'This invitation is not, or no longer, valid.': 'field.invite',
  'Must be between 1 and {}.': 'field.between',
  'A message must not be empty.': 'field.empty',
  'There is no such message in this room.': 'field.no_message',
};

const NUMBER = /\d+/;

function found(said: string): { key: ParseKeys; count: number } | null {
  const key = SAID[said];
  if (key) return { key, count: 0 };
  const open = SAID[said.replace(NUMBER, '{}')] ?? SAID[said.replace(/(?<=and )\d+/, '{}')];
  const number = said.match(/\d+(?=\D*$)/)?.[0];
  return open && number ? { key: open, count: Number(number) } : null;
}

/** Puts what the server said about a field into the reader's language. */
export function useFieldText(): (said: string) => string {
  const { t, i18n } = useTranslation();
  return (said) => {
    const known = found(said);
    if (known) return String(t(known.key, { count: known.count }));
    return i18n.language === 'en' ? said : t('field.other');
  };
}
