import { ArrowLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { Title } from '../app/Title';
import { IconButton } from './IconButton';

interface Props {
  title: string;
  /** Beside the title. */
  aside?: ReactNode;
  children: ReactNode;
  wide?: boolean;
}

/** A page that is not a room. */
export function Page({ title, aside, children, wide = false }: Props) {
  const { t } = useTranslation();
  const [, navigate] = useLocation();
  return (
    <div className="relative h-full overflow-y-auto overscroll-contain">
      <Title place={title} />
      <div
        className={`mx-auto grid grid-cols-1 gap-6 px-4 pt-[max(1.25rem,env(safe-area-inset-top))] pb-16 md:px-8 md:pt-8 ${wide ? 'max-w-5xl' : 'max-w-2xl'}`}
      >
        <header className="flex flex-wrap items-center gap-2">
          <IconButton
            icon={ArrowLeft}
            label={t('nav.back')}
            onPress={() => navigate('/')}
            className="-ms-2 md:hidden"
          />
          <h1 className="flex-1 font-bold text-2xl tracking-tight">{title}</h1>
          {aside}
        </header>
        {children}
      </div>
    </div>
  );
}
