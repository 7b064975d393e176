/** Puts text on the clipboard; false where the browser does not allow it. Pages on plain http have only the old way. */
export async function copyText(text: string): Promise<boolean> {
  const clipboard: Clipboard | undefined = navigator.clipboard;
  if (!clipboard) return copyBySelection(text);
  return clipboard.writeText(text).then(
    () => true,
    () => false,
  );
}

function copyBySelection(text: string): boolean {
  const held = document.activeElement;
  const area = document.createElement('textarea');
  area.value = text;
  area.readOnly = true;
  area.className = 'sr-only';
  // Within what holds the focus, since a dialog does not let it go elsewhere.
  (held?.closest('[role=dialog], [role=menu]') ?? document.body).append(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  if (held instanceof HTMLElement) held.focus();
  return copied;
}
