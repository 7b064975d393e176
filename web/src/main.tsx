import { Client } from '@chirm/client';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { browserPorts } from './app/browserPorts';
import { ClientProvider } from './app/ClientContext';
import { startI18n } from './app/i18n';
import { watchBrowser } from './app/network';
import { applyTheme } from './app/theme';
import './styles/index.css';

applyTheme();
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
}
