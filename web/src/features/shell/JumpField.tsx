import { Search } from 'lucide-react';
import { Button } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useOpenDialog } from './Dialogs';
import { keyNames, SHORTCUTS } from './keys';

const shortcut = SHORTCUTS[0];

/** Looks like a field, opens the quick switcher. */
export function JumpField() {
  const { t } = useTranslation();
  const open = useOpenDialog();
  return (
    <div className="px-3 pb-3">
      <Button
        onPress={() => open('switcher')}
        className="flex min-h-10 w-full items-center gap-2.5 rounded-box border border-line bg-sheet/60 px-3 text-soft transition-colors hover:bg-sheet touch:min-h-11"
      >
        <Search aria-hidden size={16} />
        <span className="flex-1 text-start">{t('nav.jump')}</span>
        <span aria-hidden className="text-tiny touch:hidden">
          {shortcut && keyNames(shortcut).join(' ')}
        </span>
      </Button>
    </div>
  );
}
