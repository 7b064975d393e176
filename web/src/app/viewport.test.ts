import { afterEach, describe, expect, it, vi } from 'vitest';
import { followKeyboard } from './viewport';

const height = () => document.documentElement.style.getPropertyValue('--page-height');

/** A view of the page whose height and zoom the test sets. */
function view() {
  const target = Object.assign(new EventTarget(), { height: window.innerHeight, scale: 1 });
  followKeyboard(target as unknown as VisualViewport);
  return (change: { height: number; scale?: number }) => {
    Object.assign(target, { scale: 1 }, change);
    target.dispatchEvent(new Event('resize'));
  };
}

afterEach(() => document.documentElement.removeAttribute('style'));

describe('the height of the page', () => {
  it('is what a keyboard over the page leaves, as long as it is there', () => {
    const scrolled = vi.spyOn(window, 'scrollTo').mockImplementation(() => {});
    const set = view();
    set({ height: window.innerHeight - 300 });
    expect(height()).toBe(`${window.innerHeight - 300}px`);
    expect(scrolled).toHaveBeenCalledWith(0, 0);
    set({ height: window.innerHeight });
    expect(height()).toBe('');
  });

  it('is left alone by zooming and by the browser’s bars', () => {
    const set = view();
    set({ height: window.innerHeight / 2, scale: 2 });
    expect(height()).toBe('');
    set({ height: window.innerHeight - 60 });
    expect(height()).toBe('');
  });
});
