import { Component, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from './Button';
import { Dialog } from './Dialog';
import { Empty } from './Empty';

/** Around what is loaded when it is first wanted: a file may be out of reach, or gone since a newer build is there. */
export class LoadGuard extends Component<{ children: ReactNode; onClose?: () => void }, { failed: boolean }> {
  override state = { failed: false };
  static getDerivedStateFromError = () => ({ failed: true });
  override render() {
    const { children, onClose } = this.props;
    if (!this.state.failed) return children;
    return onClose ? <MissingDialog onClose={onClose} /> : <MissingPage />;
  }
}

function MissingPage() {
  const { t } = useTranslation();
  return (
    <div role="alert" className="grid h-full place-items-center">
      <Empty title={t('update.part_title')} text={t('update.part_text')}>
        <Reload />
      </Empty>
    </div>
  );
}

function MissingDialog({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  return (
    <Dialog title={t('update.part_title')} onClose={onClose}>
      <p className="text-soft">{t('update.part_text')}</p>
      <Reload />
    </Dialog>
  );
}

function Reload() {
  const { t } = useTranslation();
  return <Button onPress={() => location.reload()}>{t('update.reload')}</Button>;
}
