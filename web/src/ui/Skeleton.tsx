import { useTranslation } from 'react-i18next';

const WIDTHS = ['w-3/5', 'w-4/5', 'w-2/5', 'w-3/4', 'w-1/2'];

/** The shape of messages that are on their way. */
export function MessageSkeleton({ count = 5 }: { count?: number }) {
  const { t } = useTranslation();
  return (
    <div role="status" className="mx-auto w-full max-w-[56rem]">
      <span className="sr-only">{t('common.loading')}</span>
      <Bones count={count} />
    </div>
  );
}

/** The same where nobody needs to be told, as above messages that are read. */
export function Bones({ count }: { count: number }) {
  return (
    <div aria-hidden className="grid gap-5 px-4 py-4">
      {Array.from({ length: count }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the bones are all alike
        <div key={i} aria-hidden className="flex gap-3">
          <span className="bone drop size-9 shrink-0" />
          <span className="grid flex-1 content-start gap-2 pt-1">
            <span className="bone h-3 w-24" />
            <span className={`bone h-3 ${WIDTHS[i % WIDTHS.length]}`} />
          </span>
        </div>
      ))}
    </div>
  );
}

export function LineSkeleton({ count = 6 }: { count?: number }) {
  const { t } = useTranslation();
  return (
    <div role="status" className="grid gap-3 p-2">
      <span className="sr-only">{t('common.loading')}</span>
      {Array.from({ length: count }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the bones are all alike
        <span key={i} aria-hidden className="bone h-10 rounded-box" />
      ))}
    </div>
  );
}
