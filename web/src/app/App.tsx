import { I18nProvider } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { Router } from 'wouter';
import { AuthPage } from '../features/auth/AuthPage';
import { Shell } from '../features/shell/Shell';
import { Connecting, Unreachable } from '../features/shell/Unreachable';
import { AnnouncerProvider } from '../lib/announcer';
import { basePath } from './base';
import { localeOf } from './i18n';
import { useBoot } from './useBoot';

export function App() {
  const boot = useBoot();
  const { i18n } = useTranslation();
  return (
    <I18nProvider locale={localeOf(i18n.language)}>
      <Router base={basePath}>
        <AnnouncerProvider>
          {boot.kind === 'in' && <Shell />}
          {boot.kind === 'out' && <AuthPage onDone={boot.enter} />}
          {boot.kind === 'waiting' && <Connecting />}
          {boot.kind === 'unreachable' && <Unreachable retry={boot.retry} />}
        </AnnouncerProvider>
      </Router>
    </I18nProvider>
  );
}
