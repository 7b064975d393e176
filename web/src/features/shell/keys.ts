/** One table for the handler and for the help: what a key does, and where it is listed. */
export interface Shortcut {
  id: ShortcutId;
  /** As `KeyboardEvent.key`, in lower case. */
  key: string;
  mod?: boolean;
  alt?: boolean;
  shift?: boolean;
}

export type ShortcutId = 'switcher' | 'previous' | 'next' | 'previous_unread' | 'next_unread' | 'help' | 'regions';

export const SHORTCUTS: readonly Shortcut[] = [
  { id: 'switcher', key: 'k', mod: true },
  { id: 'previous', key: 'arrowup', alt: true },
  { id: 'next', key: 'arrowdown', alt: true },
  { id: 'previous_unread', key: 'arrowup', alt: true, shift: true },
  { id: 'next_unread', key: 'arrowdown', alt: true, shift: true },
  { id: 'regions', key: 'f6' },
  { id: 'help', key: '/', mod: true },
];

type Pressed = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

export function shortcutFor(event: Pressed): ShortcutId | null {
  const mod = event.ctrlKey || event.metaKey;
  const found = SHORTCUTS.find(
    (shortcut) =>
      shortcut.key === event.key.toLowerCase() &&
      Boolean(shortcut.mod) === mod &&
      Boolean(shortcut.alt) === event.altKey &&
      Boolean(shortcut.shift) === event.shiftKey,
  );
  return found?.id ?? null;
}

/** As it is printed on the keys. */
export function keyNames({ key, mod, alt, shift }: Shortcut): string[] {
  const apple = /Mac|iPhone|iPad/.test(navigator.userAgent);
  const printed: Record<string, string> = { arrowup: '↑', arrowdown: '↓' };
  return [
    ...(mod ? [apple ? '⌘' : 'Ctrl'] : []),
    ...(alt ? [apple ? '⌥' : 'Alt'] : []),
    ...(shift ? ['Shift'] : []),
    printed[key] ?? key.toUpperCase(),
  ];
}
