import { useTranslation } from 'react-i18next';

export function NewRow() {
  const { t } = useTranslation();
  return (
    <div data-row="new" className="my-2 flex items-center gap-3 px-4 font-bold text-ember text-tiny">
      <span aria-hidden className="h-px flex-1 bg-ember/50" />
      <h2>{t('timeline.new')}</h2>
      <span aria-hidden className="h-px flex-1 bg-ember/50" />
    </div>
  );
}
