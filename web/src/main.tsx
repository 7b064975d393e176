import { Client } from '@chirm/client';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { keepAppearance } from './app/appearance';
import { browserPorts } from './app/browserPorts';
import { ClientProvider } from './app/ClientContext';
import { putListBehind } from './app/entrance';
import { keepFilesOut } from './app/files';
import { startI18n } from './app/i18n';
import { checkWhenOnline, watchBrowser } from './app/network';
import { followOtherTabs } from './app/preferences';
import { keepClient } from './app/updates';
import { followKeyboard } from './app/viewport';
import './styles/index.css';

keepAppearance();
putListBehind();
followOtherTabs();
followKeyboard();
keepFilesOut();
const client = new Client(browserPorts());
watchBrowser(client);
const root = document.getElementById('root');
if (root) {
  await startI18n();
  createRoot(root).render(
    <StrictMode>
      <ClientProvider client={client}>
        <App />
      </ClientProvider>
    </StrictMode>,
  );
  if (import.meta.env.PROD) void keepClient().then(({ check }) => checkWhenOnline(client, check));
}
