import type { Failure, FailureCode } from '@chirm/client';
import { useTranslation } from 'react-i18next';
import { useFieldText } from './fieldText';

/** A sentence in the reader's language for each code, and for each field where the server names some. */
export function useFailureText(failure: Failure | null): string | null {
  const { t } = useTranslation();
  const inWords = useFieldText();
  if (!failure) return null;
  const fields = Object.values(failure.fields);
  if (fields.length > 0) return fields.map(inWords).join(' ');
  if (failure.code === 'rate_limited' && failure.retryAfterMs > 0) {
    return t('failure.rate_limited_for', { count: Math.ceil(failure.retryAfterMs / 1000) });
  }
  return t(`failure.${failure.code}`);
}

export function useCodeText(code: FailureCode | null | undefined): string | null {
  const { t } = useTranslation();
  return code ? t(`failure.${code}`) : null;
}
