import { roomList, roomSections } from '@chirm/client';
import { MessageCirclePlus, Plus } from 'lucide-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { useSelect } from '../../app/ClientContext';
import { cx } from '../../lib/cx';
import { Logo } from '../../ui/Logo';
import { MenuButton } from '../../ui/MenuButton';
import { useOpenDialog } from './Dialogs';
import { JumpField } from './JumpField';
import { MarkAllRead } from './MarkAllRead';
import { MeCard } from './MeCard';
import { RoomSection } from './RoomSection';

export function Sidebar({ className }: { className: string }) {
  const { t } = useTranslation();
  const open = useOpenDialog();
  const [, navigate] = useLocation();
  const list = useSelect(roomList);
  const { favourites, rooms, direct } = useMemo(() => roomSections(list), [list]);
  return (
    <div className={cx('min-h-0 w-full shrink-0 flex-col md:w-68 xl:w-76', className)}>
      {/* biome-ignore lint/a11y/useAriaPropsSupportedByRole: outside of the main part a header is the banner */}
      <header
        id="banner"
        tabIndex={-1}
        aria-label={t('nav.banner')}
        className="flex items-center gap-2.5 px-4 pt-[max(0.75rem,env(safe-area-inset-top))] pb-2 outline-offset-[-3px]"
      >
        <Logo />
        <span className="flex-1 font-bold text-lg tracking-tight">{t('app.name')}</span>
        <MarkAllRead />
        <MenuButton
          icon={Plus}
          label={t('nav.new')}
          deeds={[
            { id: 'direct', label: t('nav.new_direct'), act: () => open('direct') },
            { id: 'group', label: t('nav.new_group'), act: () => open('create_group') },
            { id: 'channel', label: t('nav.new_channel'), act: () => open('create_channel') },
            { id: 'browse', label: t('nav.browse'), act: () => navigate('/browse') },
          ]}
        />
      </header>
      <JumpField />
      <nav
        id="rooms"
        tabIndex={-1}
        aria-label={t('nav.rooms')}
        className="relative min-h-0 flex-1 overflow-y-auto overscroll-contain px-2 pb-3 outline-offset-[-3px]"
      >
        {favourites.length > 0 && <RoomSection title={t('nav.section_favourites')} rooms={favourites} />}
        <RoomSection
          title={t('nav.section_rooms')}
          rooms={rooms}
          action={{ icon: Plus, label: t('nav.browse'), act: () => navigate('/browse') }}
        />
        <RoomSection
          title={t('nav.section_direct')}
          rooms={direct}
          action={{ icon: MessageCirclePlus, label: t('nav.new_direct'), act: () => open('direct') }}
          empty={t('nav.no_direct')}
        />
      </nav>
      <MeCard />
    </div>
  );
}
