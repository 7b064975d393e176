/**
 * Where the keyboard of the screen covers the page instead of making it smaller (iOS), the page takes the height that is
 * left, so that what one writes in stays above it. Elsewhere `100dvh` and `interactive-widget` do that.
 */
export function followKeyboard(view: VisualViewport | null = window.visualViewport): void {
  if (!view) return;
  const { style } = document.documentElement;
  const fit = () => {
    // Zooming in makes the view smaller, too, and is none of our business.
    const covered = view.scale === 1 && window.innerHeight - view.height > SMALLEST_KEYBOARD;
    if (covered) style.setProperty('--page-height', `${Math.round(view.height)}px`);
    else style.removeProperty('--page-height');
    // The browser moved the page up to show the field; now it is in sight where it stands.
    if (covered) window.scrollTo(0, 0);
  };
  view.addEventListener('resize', fit);
}

/** In px; less than this is a bar of the browser that comes and goes. */
const SMALLEST_KEYBOARD = 120;
