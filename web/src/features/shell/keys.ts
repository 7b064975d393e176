/** One table for the handler and for the help: what a key does, and where it is listed. */
export interface Shortcut {
  id: ShortcutId;
  /** As `KeyboardEvent.key`, in lower case. */
  key: string;
  mod?: boolean;
  alt?: boolean;
  shift?: boolean;
  /** A character: may be switched off, and means itself wherever one writes. */
  letter?: boolean;
}

export type ShortcutId =
  | 'switcher'
  | 'previous'
  | 'next'
  | 'previous_unread'
  | 'next_unread'
  | 'mark_all_read'
  | 'regions'
  | 'regions_back'
  | 'help'
  | 'help_letter';

export const SHORTCUTS: readonly Shortcut[] = [
  { id: 'switcher', key: 'k', mod: true },
  { id: 'previous', key: 'arrowup', alt: true },
  { id: 'next', key: 'arrowdown', alt: true },
  { id: 'previous_unread', key: 'arrowup', alt: true, shift: true },
  { id: 'next_unread', key: 'arrowdown', alt: true, shift: true },
  { id: 'mark_all_read', key: 'escape', shift: true },
  { id: 'regions', key: 'f6' },
  { id: 'regions', key: 'f6', mod: true },
  { id: 'regions_back', key: 'f6', shift: true },
  { id: 'regions_back', key: 'f6', mod: true, shift: true },
  { id: 'help', key: '/', mod: true },
  { id: 'help_letter', key: '?', letter: true },
];

type Pressed = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

/** `letters`: whether a single character may be a shortcut here and now. */
export function shortcutFor(event: Pressed, letters: boolean): ShortcutId | null {
  const mod = event.ctrlKey || event.metaKey;
  const found = SHORTCUTS.find(
    ({ key, mod: needsMod = false, alt = false, shift = false, letter = false }) =>
      key === event.key.toLowerCase() &&
      needsMod === mod &&
      alt === event.altKey &&
      // Whether a character needs Shift is the keyboard's affair.
      (letter ? letters : shift === event.shiftKey),
  );
  return found?.id ?? null;
}

/** Where a character is text. */
export function isWriting(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, textarea, select, [contenteditable]') !== null;
}

/** As it is printed on the keys. */
export function keyNames({ key, mod, alt, shift }: Shortcut): string[] {
  const apple = /Mac|iPhone|iPad/.test(navigator.userAgent);
  const printed: Record<string, string> = { arrowup: '↑', arrowdown: '↓', escape: 'Esc' };
  return [
    ...(mod ? [apple ? '⌘' : 'Ctrl'] : []),
    ...(alt ? [apple ? '⌥' : 'Alt'] : []),
    ...(shift ? ['Shift'] : []),
    printed[key] ?? key.toUpperCase(),
  ];
}
