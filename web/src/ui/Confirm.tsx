import { useTranslation } from 'react-i18next';
import { useAction } from '../lib/useAction';
import { Button } from './Button';
import { Dialog } from './Dialog';
import { Problem } from './Problem';

interface Props {
  title: string;
  text: string;
  /** What the button says: the deed and its object, not "OK". */
  deed: string;
  act(): Promise<unknown>;
  onClose(): void;
}

/** Asks before something that cannot be undone. */
export function Confirm({ title, text, deed, act, onClose }: Props) {
  const { t } = useTranslation();
  const { run, busy, failure } = useAction(act, onClose);
  return (
    <Dialog title={title} onClose={onClose} role="alertdialog">
      <p className="text-soft">{text}</p>
      <Problem failure={failure} />
      <div className="flex flex-wrap justify-end gap-2">
        <Button look="quiet" onPress={onClose} autoFocus>
          {t('common.cancel')}
        </Button>
        <Button look="danger" onPress={run} isPending={busy}>
          {deed}
        </Button>
      </div>
    </Dialog>
  );
}
