import { fromDate, getLocalTimeZone, toCalendarDate, today } from '@internationalized/date';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import {
  Button,
  Calendar,
  CalendarCell,
  CalendarGrid,
  CalendarGridBody,
  CalendarGridHeader,
  CalendarHeaderCell,
  Heading,
  I18nProvider,
} from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { cx } from '../../lib/cx';

interface Props {
  /** Clock time before which there is nothing. */
  first: number;
  busy: boolean;
  /** The beginning of the chosen day. */
  pick(day: number): void;
}

/** A finger's width, as far as seven of them fit on the screen. */
const CELL = 'size-9 touch:size-[min(2.75rem,calc((100vw-2.75rem)/7))]';
const ARROW = 'grid size-9 place-items-center rounded-full text-soft hover:bg-hover disabled:opacity-40 touch:size-11';

export default function DayPicker({ first, busy, pick }: Props) {
  const { t, i18n } = useTranslation();
  const zone = getLocalTimeZone();
  return (
    <I18nProvider locale={i18n.language}>
      <Calendar
        aria-label={t('room.jump_date')}
        minValue={toCalendarDate(fromDate(new Date(first), zone))}
        maxValue={today(zone)}
        isDisabled={busy}
        onChange={(day) => pick(day.toDate(zone).getTime())}
        autoFocus
      >
        <header className="flex items-center gap-1 pb-2">
          <Button slot="previous" className={ARROW}>
            <ChevronLeft aria-hidden size={18} />
          </Button>
          <Heading className="flex-1 text-center font-bold text-note" />
          <Button slot="next" className={ARROW}>
            <ChevronRight aria-hidden size={18} />
          </Button>
        </header>
        <CalendarGrid>
          <CalendarGridHeader>
            {(day) => <CalendarHeaderCell className="pb-1 font-semibold text-soft text-tiny">{day}</CalendarHeaderCell>}
          </CalendarGridHeader>
          <CalendarGridBody>
            {(date) => (
              <CalendarCell
                date={date}
                className={({ isDisabled, isOutsideMonth, isFocusVisible }) =>
                  cx(
                    'grid cursor-pointer place-items-center rounded-full text-note tabular-nums hover:bg-hover',
                    CELL,
                    isOutsideMonth && 'invisible',
                    isDisabled && 'cursor-default text-soft opacity-50',
                    isFocusVisible && 'outline-2 outline-accent',
                    date.compare(today(zone)) === 0 && 'font-bold text-accent',
                  )
                }
              />
            )}
          </CalendarGridBody>
        </CalendarGrid>
      </Calendar>
    </I18nProvider>
  );
}
