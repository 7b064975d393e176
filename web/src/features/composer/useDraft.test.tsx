import 'fake-indexeddb/auto';
import { act, renderHook, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { loadDraft } from '../../app/vault';
import { useDraft } from './useDraft';

const other = new BroadcastChannel('chirm-drafts');
const saved = (room: string, text: string) => other.postMessage({ room, text });

describe('a draft', () => {
  it('is saved a moment after the last key, and told to the other tabs', async () => {
    const heard: unknown[] = [];
    other.onmessage = ({ data }) => heard.push(data);
    const { result } = renderHook(() => useDraft('a'));
    act(() => result.current[1]('half'));
    act(() => result.current[1]('half a thought'));
    await waitFor(() => expect(heard).toEqual([{ room: 'a', text: 'half a thought' }]));
    expect(await loadDraft('a')).toBe('half a thought');
  });

  it('is what another tab saved last, in the same room', async () => {
    const { result } = renderHook(() => useDraft('b'));
    saved('elsewhere', 'not here');
    saved('b', 'from there');
    await waitFor(() => expect(result.current[0]).toBe('from there'));
    saved('b', '');
    await waitFor(() => expect(result.current[0]).toBe(''));
  });

  it('is not taken away under the hands of who writes', async () => {
    const { result } = renderHook(() => useDraft('c'));
    act(() => result.current[1]('mine'));
    saved('c', 'theirs');
    await waitFor(async () => expect(await loadDraft('c')).toBe('mine'));
    expect(result.current[0]).toBe('mine');
  });
});
