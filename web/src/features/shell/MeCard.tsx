import { Settings, ShieldCheck } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { useSelect } from '../../app/ClientContext';
import { Avatar } from '../../ui/Avatar';
import { IconButton } from '../../ui/IconButton';

/** Who I am here, and the ways to my settings and to the administration. */
export function MeCard() {
  const { t } = useTranslation();
  const [, navigate] = useLocation();
  const me = useSelect((state) => state.me);
  const online = useSelect((state) => state.connection.kind === 'online');
  if (!me) return null;
  return (
    <footer className="flex items-center gap-2.5 border-line border-t px-4 py-2.5 pb-[max(0.625rem,env(safe-area-inset-bottom))]">
      <Avatar id={me.id} name={me.display_name} presence={online ? 'online' : undefined} />
      <div className="min-w-0 flex-1 leading-tight">
        <p dir="auto" className="truncate font-semibold">
          {me.display_name}
        </p>
        <p dir={me.guest ? undefined : 'ltr'} className="truncate text-soft text-tiny">
          {me.guest ? t('me.guest') : `@${me.username}`}
        </p>
      </div>
      {me.role !== 'member' && (
        <IconButton icon={ShieldCheck} label={t('nav.admin')} onPress={() => navigate('/admin')} />
      )}
      <IconButton icon={Settings} label={t('nav.settings')} onPress={() => navigate('/settings')} />
    </footer>
  );
}
