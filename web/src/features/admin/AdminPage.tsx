import { ShieldCheck } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link, Route, Switch, useLocation, useRoute } from 'wouter';
import { useSelect } from '../../app/ClientContext';
import { cx } from '../../lib/cx';
import { Button } from '../../ui/Button';
import { Empty } from '../../ui/Empty';
import { Page } from '../../ui/Page';
import { AdminAudit } from './AdminAudit';
import { AdminInvites } from './AdminInvites';
import { AdminRoomPage } from './AdminRoomPage';
import { AdminRooms } from './AdminRooms';
import { AdminUsers } from './AdminUsers';
import { Stats } from './Stats';

const TABS = [
  { id: 'overview', path: '/admin' },
  { id: 'rooms', path: '/admin/rooms' },
  { id: 'users', path: '/admin/users' },
  { id: 'invites', path: '/admin/invites' },
  { id: 'audit', path: '/admin/audit' },
] as const;

export default function AdminPage() {
  const { t } = useTranslation();
  const role = useSelect((state) => state.me?.role);
  if (role !== 'owner' && role !== 'admin') return <Forbidden />;
  return (
    <Page title={t('admin.title')} wide>
      <p className="flex items-center gap-2.5 rounded-box bg-ember-soft px-3.5 py-2.5 text-note">
        <ShieldCheck aria-hidden size={18} className="shrink-0 text-ember" />
        {t('admin.banner')}
      </p>
      <nav aria-label={t('admin.sections')} className="flex flex-wrap gap-1 md:border-line md:border-b">
        {TABS.map((tab) => (
          <TabLink key={tab.id} path={tab.path} label={t(`admin.tab_${tab.id}`)} />
        ))}
      </nav>
      <Switch>
        <Route path="/admin" component={Stats} />
        <Route path="/admin/rooms" component={AdminRooms} />
        <Route path="/admin/rooms/:id">{({ id }) => <AdminRoomPage key={id} id={id} />}</Route>
        <Route path="/admin/users" component={AdminUsers} />
        <Route path="/admin/invites" component={AdminInvites} />
        <Route path="/admin/audit" component={AdminAudit} />
      </Switch>
    </Page>
  );
}

function Forbidden() {
  const { t } = useTranslation();
  const [, navigate] = useLocation();
  return (
    <div className="grid h-full place-items-center">
      <Empty title={t('admin.forbidden')} text={t('admin.forbidden_text')}>
        <Button look="outline" onPress={() => navigate('/', { replace: true })}>
          {t('door.back')}
        </Button>
      </Empty>
    </div>
  );
}

function TabLink({ path, label }: { path: string; label: string }) {
  const [here] = useRoute(path === '/admin' ? path : `${path}/*?`);
  return (
    <Link
      href={path}
      aria-current={here ? 'page' : undefined}
      className={cx(
        'inline-grid min-h-11 place-items-center whitespace-nowrap border-b-2 px-3.5 font-semibold outline-offset-[-3px]',
        'max-md:rounded-box max-md:border max-md:px-3 max-md:text-note',
        here ? 'border-accent text-ink max-md:bg-accent-soft' : 'border-transparent text-soft hover:text-ink',
      )}
    >
      {label}
    </Link>
  );
}
