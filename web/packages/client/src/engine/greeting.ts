import { failureCode } from '../errors';
import type { HelloReply, HelloRequest, Uuid } from '../generated';
import type { State } from '../state/types';
import type { Engine } from './engine';

/** The first frame of a connection: who we are is in the cookie, what we hold is in the cursors. */
export async function greet({ link, store }: Engine): Promise<HelloReply | null> {
  try {
    const reply = await link.request('hello', resumeFrom(store.get()));
    link.settled();
    return reply;
  } catch (cause) {
    if (failureCode(cause) === 'unauthorized') {
      link.stop();
      store.dispatch({ type: 'connection', connection: { kind: 'unauthorized' } });
    } else link.lose();
    return null;
  }
}

/** Only rooms whose messages are held need to be caught up; the others are asked for when they are opened. */
export function resumeFrom(state: State): HelloRequest {
  if (!state.server) return {};
  const cursors: Record<Uuid, number> = {};
  for (const [room, timeline] of Object.entries(state.timelines)) {
    const cursor = state.cursors[room];
    if (timeline.loaded && cursor !== undefined) cursors[room] = cursor;
  }
  return { epoch: state.server.epoch, cursors };
}
