import { useTranslation } from 'react-i18next';
import { usePreference } from '../../app/preferences';
import { Dialog } from '../../ui/Dialog';
import { keyNames, SHORTCUTS } from './keys';

const IN_MESSAGES = ['arrows', 'enter', 'escape', 'end'] as const;

export function KeyboardHelp({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const letters = usePreference('letters') === 'on';
  // A second way to the same deed is known to whoever needs it.
  const shown = SHORTCUTS.filter(
    ({ id, letter }, i) => (letters || !letter) && SHORTCUTS.findIndex((other) => other.id === id) === i,
  );
  return (
    <Dialog title={t('keys.title')} onClose={onClose}>
      <dl className="grid grid-cols-[1fr_auto] items-center gap-x-6 gap-y-2.5">
        {shown.map((shortcut) => (
          <Line key={shortcut.id} label={t(`keys.${shortcut.id}`)} keys={keyNames(shortcut)} />
        ))}
        {IN_MESSAGES.map((id) => (
          <Line key={id} label={t(`keys.${id}`)} keys={t(`keys.${id}_key`).split(' ')} />
        ))}
      </dl>
    </Dialog>
  );
}

function Line({ label, keys }: { label: string; keys: string[] }) {
  return (
    <>
      <dt>{label}</dt>
      <dd className="flex gap-1">
        {keys.map((key) => (
          <kbd key={key} className="rounded-md border border-line bg-well px-1.5 py-0.5 font-sans text-soft text-tiny">
            {key}
          </kbd>
        ))}
      </dd>
    </>
  );
}
