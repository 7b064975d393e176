import { i18n } from '../app/i18n';

const DAY_MS = 86_400_000;

function locale(): string {
  return i18n.language ?? 'en';
}

export function dayOf(ms: number): number {
  const date = new Date(ms);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

export function clockTime(ms: number): string {
  return new Intl.DateTimeFormat(locale(), { hour: '2-digit', minute: '2-digit' }).format(ms);
}

/** The time without its half of the day, for a narrow column beside messages that say it in full. */
export function bareTime(ms: number): string {
  const parts = new Intl.DateTimeFormat(locale(), { hour: 'numeric', minute: '2-digit' }).formatToParts(ms);
  return parts
    .filter(({ type }) => type !== 'dayPeriod')
    .map(({ value }) => value)
    .join('')
    .trim();
}

export function fullTime(ms: number): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'full', timeStyle: 'short' }).format(ms);
}

/** "Today", "Yesterday", then the date. */
export function dayName(day: number, now = Date.now()): string {
  const distance = Math.round((day - dayOf(now)) / DAY_MS);
  if (distance === 0 || distance === -1) {
    const text = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' }).format(distance, 'day');
    return text.charAt(0).toLocaleUpperCase(locale()) + text.slice(1);
  }
  const year = new Date(day).getFullYear() === new Date(now).getFullYear() ? {} : { year: 'numeric' as const };
  return new Intl.DateTimeFormat(locale(), { weekday: 'long', day: 'numeric', month: 'long', ...year }).format(day);
}

/** How long ago, in the largest fitting unit. */
export function ago(ms: number, now = Date.now()): string {
  const format = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto', style: 'short' });
  const seconds = Math.round((ms - now) / 1000);
  const steps: [Intl.RelativeTimeFormatUnit, number][] = [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
  ];
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit);
  }
  return format.format(0, 'minute');
}

export function dateTime(ms: number): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'short' }).format(ms);
}

export function names(list: readonly string[]): string {
  return new Intl.ListFormat(locale(), { style: 'long', type: 'conjunction' }).format(list);
}
