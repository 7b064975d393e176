import { i18n, localeOf } from '../app/i18n';
import { preferences } from '../app/preferences';

const DAY_MS = 86_400_000;

function locale(): string {
  return localeOf(i18n.language ?? 'en');
}

/** The hours that were chosen; by default the locale's own. */
function hours(): Intl.DateTimeFormatOptions {
  const { clock } = preferences();
  return clock === 'system' ? {} : { hourCycle: clock === '12' ? 'h12' : 'h23' };
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making one takes longer than using it a hundred times. */
function format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale() + JSON.stringify(options);
  const made = formats.get(key) ?? new Intl.DateTimeFormat(locale(), options);
  formats.set(key, made);
  return made;
}

export function dayOf(ms: number): number {
  const date = new Date(ms);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

export function clockTime(ms: number): string {
  return format({ hour: 'numeric', minute: '2-digit', ...hours() }).format(ms);
}

/** The time without its half of the day, for a narrow column beside messages that say it in full. */
export function bareTime(ms: number): string {
  const parts = format({ hour: 'numeric', minute: '2-digit', ...hours() }).formatToParts(ms);
  return parts
    .filter(({ type }) => type !== 'dayPeriod')
    .map(({ value }) => value)
    .join('')
    .trim();
}

export function fullTime(ms: number): string {
  return format({ dateStyle: 'full', timeStyle: 'short', ...hours() }).format(ms);
}

/** "Today", "Yesterday", then the date. */
export function dayName(day: number, now = Date.now()): string {
  const distance = Math.round((day - dayOf(now)) / DAY_MS);
  if (distance === 0 || distance === -1) {
    const text = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' }).format(distance, 'day');
    return text.charAt(0).toLocaleUpperCase(locale()) + text.slice(1);
  }
  const year = new Date(day).getFullYear() === new Date(now).getFullYear() ? {} : { year: 'numeric' as const };
  return format({ weekday: 'long', day: 'numeric', month: 'long', ...year }).format(day);
}

/** How long ago, in the largest fitting unit. */
export function ago(ms: number, now = Date.now()): string {
  const relative = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto', style: 'short' });
  const seconds = Math.round((ms - now) / 1000);
  const steps: [Intl.RelativeTimeFormatUnit, number][] = [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
  ];
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return relative.format(0, 'minute');
}

export function dateTime(ms: number): string {
  return format({ dateStyle: 'medium', timeStyle: 'short', ...hours() }).format(ms);
}

export function names(list: readonly string[]): string {
  return new Intl.ListFormat(locale(), { style: 'long', type: 'conjunction' }).format(list);
}
