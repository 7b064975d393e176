import type { AdminStats } from '@chirm/client';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient } from '../../app/ClientContext';
import { useAction } from '../../lib/useAction';
import { Button } from '../../ui/Button';
import { Problem } from '../../ui/Problem';
import { LineSkeleton } from '../../ui/Skeleton';

const FIGURES = ['users', 'online', 'rooms', 'messages', 'connections'] as const;
const DAY_S = 86_400;
const HOUR_S = 3_600;

export function Stats() {
  const { t, i18n } = useTranslation();
  const { api } = useClient();
  const [stats, setStats] = useState<AdminStats | null>(null);
  const { run, busy, failure } = useAction(async () => setStats(await api.admin.stats()));
  // biome-ignore lint/correctness/useExhaustiveDependencies: loaded when shown
  useEffect(run, []);
  const number = new Intl.NumberFormat(i18n.language);
  return (
    <div className="grid gap-4">
      <Problem failure={failure} />
      {!stats && !failure && <LineSkeleton count={3} />}
      {stats && (
        <>
          <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-box border border-line bg-line sm:grid-cols-5">
            {FIGURES.map((figure) => (
              <div key={figure} className="grid content-between gap-2 bg-sheet p-4 max-sm:last:col-span-2">
                <dt className="text-note text-soft">{t(`admin.stat_${figure}`)}</dt>
                <dd className="font-bold text-2xl tabular-nums tracking-tight">{number.format(stats[figure])}</dd>
              </div>
            ))}
          </dl>
          <p className="text-note text-soft">
            {t('admin.running', {
              version: stats.version,
              database: stats.database,
              days: Math.floor(stats.uptime_s / DAY_S),
              hours: Math.floor((stats.uptime_s % DAY_S) / HOUR_S),
            })}
          </p>
        </>
      )}
      <Button look="outline" small onPress={run} isPending={busy} className="justify-self-start">
        {t('admin.refresh')}
      </Button>
    </div>
  );
}
