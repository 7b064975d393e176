import type { Delivery } from '@chirm/client';
import { Check, CheckCheck, Clock } from 'lucide-react';
import { useTranslation } from 'react-i18next';

const ICONS = { waiting: Clock, sent: Check, delivered: CheckCheck, read: CheckCheck } as const;

/** How far a message of mine came: one tick stored, two received by all, two in colour read by all. */
export function Ticks({ delivery }: { delivery: Delivery | 'waiting' }) {
  const { t } = useTranslation();
  const Icon = ICONS[delivery];
  const label = t(`delivery.${delivery}`);
  return (
    <span title={label} data-delivery={delivery}>
      <Icon
        role="img"
        aria-label={label}
        size={15}
        strokeWidth={delivery === 'read' ? 2.6 : 2}
        className={delivery === 'read' ? 'text-accent' : 'text-soft'}
      />
    </span>
  );
}
