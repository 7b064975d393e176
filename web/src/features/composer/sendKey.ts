import type { Preferences } from '../../app/preferences';

type Pressed = Pick<KeyboardEvent, 'key' | 'shiftKey' | 'ctrlKey' | 'metaKey'>;

/** Whether this key sends what was written. On touch, Enter alone makes a line; Ctrl or Cmd with it sends everywhere. */
export function sendsMessage(event: Pressed, chosen: Preferences['send'], touch: boolean): boolean {
  if (event.key !== 'Enter') return false;
  if (event.ctrlKey || event.metaKey) return true;
  return chosen === 'enter' && !event.shiftKey && !touch;
}
