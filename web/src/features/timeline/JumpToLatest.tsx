import { ArrowDown } from 'lucide-react';
import { Button } from 'react-aria-components';
import { useTranslation } from 'react-i18next';

export function JumpToLatest({ unread, jump }: { unread: number; jump(): void }) {
  const { t } = useTranslation();
  return (
    <Button
      onPress={jump}
      className="rise absolute inset-x-0 bottom-3 z-10 mx-auto flex min-h-10 w-fit items-center gap-2 rounded-full border border-line bg-raised px-4 font-semibold text-note shadow-lift touch:min-h-11"
    >
      <ArrowDown aria-hidden size={16} />
      {unread > 0 ? t('timeline.jump_new', { count: unread }) : t('timeline.jump')}
    </Button>
  );
}
