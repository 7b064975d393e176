import { CHOICES, onPreferences, preferences } from './preferences';

/** What the styles look at; without a mark, the first choice holds. */
const MARKS = ['theme', 'density', 'size', 'motion'] as const;

export function applyAppearance(): void {
  const { dataset } = document.documentElement;
  for (const name of MARKS) {
    const value = preferences()[name];
    if (value === CHOICES[name][0]) delete dataset[name];
    else dataset[name] = value;
  }
}

/** Before anything is drawn, and at every change. */
export function keepAppearance(): void {
  applyAppearance();
  onPreferences(applyAppearance);
}
