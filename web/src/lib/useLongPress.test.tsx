import { act, createEvent, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { useLongPress } from './useLongPress';

function Row({ run }: { run(target: Element): void }) {
  return (
    <div {...useLongPress(run)}>
      <p>text</p>
      <a href="/elsewhere">the handbook</a>
    </div>
  );
}

const finger = { pointerType: 'touch', isPrimary: true, clientX: 10, clientY: 10 };
const wait = (ms: number) => act(() => vi.advanceTimersByTime(ms));

describe('a long press', () => {
  const run = vi.fn();
  beforeEach(() => {
    vi.useFakeTimers();
    run.mockReset();
    render(<Row run={run} />);
  });
  afterEach(() => {
    // A gesture that is still under way ends with the next one, or with a key.
    fireEvent.keyDown(window);
    vi.useRealTimers();
  });

  it('is a little more than half a second on the same spot', () => {
    fireEvent.pointerDown(screen.getByText('text'), finger);
    fireEvent.pointerMove(screen.getByText('text'), { ...finger, clientX: 14 });
    wait(599);
    expect(run).not.toHaveBeenCalled();
    wait(1);
    expect(run).toHaveBeenCalledExactlyOnceWith(screen.getByText('text'));
  });

  it.each([
    ['the finger moves on', () => fireEvent.pointerMove(screen.getByText('text'), { ...finger, clientY: 40 })],
    ['it is lifted', () => fireEvent.pointerUp(screen.getByText('text'), finger)],
    ['the page begins to scroll', () => fireEvent.pointerCancel(screen.getByText('text'), finger)],
  ])('is none when %s', (_, end) => {
    fireEvent.pointerDown(screen.getByText('text'), finger);
    wait(300);
    end();
    wait(1_000);
    expect(run).not.toHaveBeenCalled();
  });

  it('is none of a mouse, of a second finger, or on a link', () => {
    fireEvent.pointerDown(screen.getByText('text'), { ...finger, pointerType: 'mouse' });
    wait(1_000);
    fireEvent.pointerDown(screen.getByText('text'), { ...finger, isPrimary: false });
    wait(1_000);
    fireEvent.pointerDown(screen.getByText('the handbook'), finger);
    wait(1_000);
    expect(run).not.toHaveBeenCalled();
  });

  it('leaves nothing of the gesture to what opened under the finger, and everything after it', () => {
    const pressed = vi.fn();
    const below = screen.getByText('the handbook');
    below.addEventListener('click', (event) => {
      event.preventDefault();
      pressed();
    });
    fireEvent.pointerDown(screen.getByText('text'), finger);
    wait(600);
    fireEvent.pointerUp(below, finger);
    expect(fireEvent.mouseDown(below)).toBe(false);
    fireEvent.click(below);
    expect(pressed).not.toHaveBeenCalled();
    fireEvent.pointerDown(below, finger);
    fireEvent.click(below);
    expect(pressed).toHaveBeenCalledOnce();
  });

  it('takes the place of the phone’s own menu, and comes once', () => {
    fireEvent.pointerDown(screen.getByText('text'), finger);
    wait(450);
    const menu = createEvent.contextMenu(screen.getByText('text'));
    fireEvent(screen.getByText('text'), menu);
    expect(menu.defaultPrevented).toBe(true);
    wait(1_000);
    expect(run).toHaveBeenCalledOnce();
  });

  it('leaves the menu of a mouse alone', () => {
    const menu = createEvent.contextMenu(screen.getByText('text'));
    fireEvent(screen.getByText('text'), menu);
    expect(menu.defaultPrevented).toBe(false);
    expect(run).not.toHaveBeenCalled();
  });
});
