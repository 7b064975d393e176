import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { coalesced } from './coalesced';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('passes on the first change at once and a burst as one', () => {
  let change = () => {};
  const left = vi.fn();
  const heard = vi.fn();
  const leave = coalesced((listener) => {
    change = listener;
    return left;
  })(heard);
  change();
  expect(heard).toHaveBeenCalledTimes(1);
  for (let i = 0; i < 100; i++) change();
  expect(heard).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(16);
  expect(heard).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(100);
  expect(heard).toHaveBeenCalledTimes(2);
  leave();
  expect(left).toHaveBeenCalledTimes(1);
});
