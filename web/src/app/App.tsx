import { Router } from 'wouter';
import { AuthPage } from '../features/auth/AuthPage';
import { Shell } from '../features/shell/Shell';
import { Unreachable } from '../features/shell/Unreachable';
import { AnnouncerProvider } from '../lib/announcer';
import { basePath } from './base';
import { useBoot } from './useBoot';

export function App() {
  const boot = useBoot();
  return (
    <Router base={basePath}>
      <AnnouncerProvider>
        {boot.kind === 'in' && <Shell />}
        {boot.kind === 'out' && <AuthPage onDone={boot.enter} />}
        {boot.kind === 'unreachable' && <Unreachable retry={boot.retry} />}
      </AnnouncerProvider>
    </Router>
  );
}
