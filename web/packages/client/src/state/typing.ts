import type { Uuid } from '../generated';
import { omit } from './rooms';
import type { State } from './types';

/** Senders repeat themselves every 3 s; who falls silent for this long has stopped. */
export const TYPING_MS = 6_000;

export function setTyping(state: State, room: Uuid, user: Uuid, until: number | null): State {
  const held = state.typing[room] ?? {};
  if (until === null && held[user] === undefined) return state;
  const typing = until === null ? omit(held, user) : { ...held, [user]: until };
  return { ...state, typing: { ...state.typing, [room]: typing } };
}

export function expireTyping(state: State, now: number): State {
  let next = state;
  for (const [room, users] of Object.entries(state.typing)) {
    for (const [user, until] of Object.entries(users)) {
      if (until <= now) next = setTyping(next, room, user, null);
    }
  }
  return next;
}
