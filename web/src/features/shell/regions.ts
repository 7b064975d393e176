const REGIONS = ['rooms', 'messages', 'composer', 'details'];

/** Moves the focus to the next part of the page that is there. */
export function nextRegion(): void {
  const present = REGIONS.map((id) => document.getElementById(id)).filter(
    (region) => region?.checkVisibility() ?? false,
  );
  const here = present.findIndex((region) => region?.contains(document.activeElement));
  present[(here + 1) % present.length]?.focus();
}
