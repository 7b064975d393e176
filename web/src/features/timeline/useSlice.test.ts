import { act, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { message } from '../../../packages/client/test/make';
import { useSlice } from './useSlice';

const held = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => message(from + i));

function sliceOf(from: number, to: number, seq?: number) {
  const hook = renderHook(({ messages }) => useSlice(messages, seq), { initialProps: { messages: held(from, to) } });
  return {
    ends: () => [hook.result.current.shown[0]?.seq, hook.result.current.shown.at(-1)?.seq],
    hold: (from: number, to: number) => hook.rerender({ messages: held(from, to) }),
    grow: (before: boolean, after: boolean) => act(() => hook.result.current.grow(before, after)),
  };
}

const screen = (height: number) => vi.stubGlobal('innerHeight', height);

beforeEach(() => screen(500));
afterEach(() => vi.unstubAllGlobals());

describe('the stretch of messages in the document', () => {
  it('grows on both sides of the message that was asked for', () => {
    const slice = sliceOf(1, 600, 300);
    expect(slice.ends()).toEqual([275, 324]);
    slice.grow(true, true);
    expect(slice.ends()).toEqual([175, 424]);
  });

  it('has a screen full of rows below what was asked for, however high the screen is', () => {
    screen(2_000);
    expect(sliceOf(1, 600, 300).ends()).toEqual([258, 383]);
    // Where that would be past the end, it ends there.
    expect(sliceOf(1, 600, 530).ends()).toEqual([475, 600]);
  });

  it('keeps its beginning while it grows at its end, and slides once it is full', () => {
    const slice = sliceOf(1, 600, 50);
    expect(slice.ends()).toEqual([25, 74]);
    const ends = [1, 2, 3, 4].map(() => {
      slice.grow(false, true);
      return slice.ends();
    });
    expect(ends).toEqual([
      [25, 174],
      [25, 274],
      [75, 374],
      [175, 474],
    ]);
  });

  it('slides up once it is full', () => {
    const slice = sliceOf(1, 600);
    expect(slice.ends()).toEqual([551, 600]);
    for (let i = 0; i < 4; i++) slice.grow(true, false);
    expect(slice.ends()).toEqual([151, 450]);
  });

  it('does not go back to where it was before other messages were held, once those are held again', () => {
    const slice = sliceOf(141, 200, 90);
    slice.grow(true, false);
    slice.hold(60, 119);
    slice.grow(true, true);
    expect(slice.ends()).toEqual([60, 119]);
    slice.hold(60, 179);
    expect(slice.ends()[0]).toBe(60);
  });

  it('ends at the end, where the end is held instead of what was asked for', () => {
    const slice = sliceOf(60, 119, 90);
    slice.hold(541, 600);
    expect(slice.ends()).toEqual([551, 600]);
  });
});
