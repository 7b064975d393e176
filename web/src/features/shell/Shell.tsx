import { Suspense, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Redirect, Route, Switch, useLocation, useRoute } from 'wouter';
import { useSelect } from '../../app/ClientContext';
import { cx } from '../../lib/cx';
import { fetchParts, part } from '../../lib/part';
import { LoadGuard } from '../../ui/LoadGuard';
import { LineSkeleton } from '../../ui/Skeleton';
import { SessionEnded } from '../auth/SessionEnded';
import { Notifier } from '../notify/Notifier';
import { RoomPage } from '../rooms/RoomPage';
import { ConnectionBanner } from './ConnectionBanner';
import { DialogProvider } from './Dialogs';
import { Home } from './Home';
import { Keyboard } from './Keyboard';
import { PageTitle } from './PageTitle';
import { Sidebar } from './Sidebar';
import { SkipLinks } from './SkipLinks';
import { UpdateBar } from './UpdateBar';

const AdminPage = part(() => import('../admin/AdminPage'));
const BrowsePage = part(() => import('../browse/BrowsePage'));
const SettingsPage = part(() => import('../settings/SettingsPage'));

/** The signed-in page: the list of rooms and what was chosen from it. On a phone, one of the two at a time. */
export function Shell() {
  const [atHome] = useRoute('/');
  const [location] = useLocation();
  const { t } = useTranslation();
  const online = useSelect((state) => state.connection.kind === 'online');
  useEffect(() => {
    if (online) void fetchParts();
  }, [online]);
  return (
    <DialogProvider>
      <SkipLinks />
      <Keyboard />
      <PageTitle />
      <Notifier />
      <div className="flex h-(--page-height,100dvh) flex-col px-safe">
        <UpdateBar />
        <ConnectionBanner />
        <div className="flex min-h-0 flex-1 md:gap-0 md:p-2 md:ps-0">
          <Sidebar className={cx('md:flex', atHome ? 'flex' : 'hidden')} />
          <main
            id="main"
            tabIndex={-1}
            aria-label={t('nav.main')}
            className={cx(
              'min-h-0 min-w-0 flex-1 flex-col overflow-hidden bg-sheet md:flex md:rounded-sheet md:border md:border-line md:shadow-sheet',
              atHome ? 'hidden' : 'flex',
            )}
          >
            <LoadGuard key={location.split('/')[1]}>
              <Suspense fallback={<LineSkeleton />}>
                <Pages />
              </Suspense>
            </LoadGuard>
          </main>
        </div>
      </div>
      <SessionEnded />
    </DialogProvider>
  );
}

function Pages() {
  return (
    <Switch>
      <Route path="/r/:room/:place?">
        {({ room, place }) => <RoomPage key={room} id={room.replace('%23', '#')} place={place} />}
      </Route>
      {/* The long form of a message's address. */}
      <Route path="/r/:room/m/:seq">{({ room, seq }) => <Redirect to={`/r/${room}/${seq}`} replace />}</Route>
      <Route path="/browse" component={BrowsePage} />
      <Route path="/settings" component={SettingsPage} />
      <Route path="/admin/*?" component={AdminPage} />
      <Route component={Home} />
    </Switch>
  );
}
