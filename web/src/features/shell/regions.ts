const REGIONS = ['banner', 'rooms', 'main', 'messages', 'composer', 'details'];

/** Moves the focus to the next (or previous) part of the page that is there. */
export function stepRegion(by: 1 | -1): void {
  const present = REGIONS.flatMap((id) => document.getElementById(id) ?? []).filter(
    // The main part is a stop of its own only where it has no parts.
    (region) =>
      region.checkVisibility() && !(region.id === 'main' && region.querySelector('#messages, #composer, #details')),
  );
  const here = present.findIndex((region) => region.contains(document.activeElement));
  const next = here < 0 && by < 0 ? present.length - 1 : here + by;
  present[(next + present.length) % present.length]?.focus();
}
