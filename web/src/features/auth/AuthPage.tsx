import type { AuthOptions, User } from '@chirm/client';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient } from '../../app/ClientContext';
import { useAction } from '../../lib/useAction';
import { Button } from '../../ui/Button';
import { Logo } from '../../ui/Logo';
import { Problem } from '../../ui/Problem';
import { AuthForms } from './AuthForms';
import { Chorus } from './Chorus';

export function AuthPage({ onDone }: { onDone(user: User): void }) {
  const { t } = useTranslation();
  const { api } = useClient();
  const [options, setOptions] = useState<AuthOptions | null>(null);
  const { run, failure, busy } = useAction(async () => setOptions(await api.options()));
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked once; the button asks again
  useEffect(run, []);

  return (
    <div className="grid min-h-dvh md:grid-cols-[minmax(0,1fr)_minmax(24rem,36rem)] max-md:content-start">
      <Chorus />
      <main className="bg-sheet px-6 py-8 max-md:min-h-[calc(100dvh-10rem)] max-md:-mt-6 max-md:rounded-t-sheet relative sm:px-12 md:m-2 md:grid md:content-center md:rounded-sheet md:border md:border-line md:shadow-sheet">
        <div className="mx-auto grid w-full max-w-sm gap-7">
          <div className="flex items-center gap-3">
            <Logo size={34} />
            <span className="font-bold text-xl tracking-tight">{t('app.name')}</span>
          </div>
          {options && <AuthForms options={options} onDone={onDone} />}
          <Problem failure={failure} />
          {failure && (
            <Button look="outline" onPress={run} isPending={busy}>
              {t('common.retry')}
            </Button>
          )}
        </div>
      </main>
    </div>
  );
}
