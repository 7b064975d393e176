import { Component, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { forgetFailures } from '../lib/part';
import { Button } from './Button';
import { Empty } from './Empty';

/** Around a part of its own, as close as can be: its file may be out of reach, or gone since a newer build is there. */
export class LoadGuard extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };
  static getDerivedStateFromError = () => ({ failed: true });
  override componentDidCatch = forgetFailures;
  override render() {
    return this.state.failed ? <Missing retry={() => this.setState({ failed: false })} /> : this.props.children;
  }
}

function Missing({ retry }: { retry(): void }) {
  const { t } = useTranslation();
  return (
    <div role="alert" className="grid h-full place-items-center">
      <Empty title={t('update.part_title')} text={t('update.part_text')}>
        <div className="flex flex-wrap justify-center gap-2">
          <Button onPress={retry}>{t('common.retry')}</Button>
          {/* Without a network that would end in the browser's own error page. */}
          {navigator.onLine && (
            <Button look="outline" onPress={() => location.reload()}>
              {t('update.reload')}
            </Button>
          )}
        </div>
      </Empty>
    </div>
  );
}
