import { assertNever } from '../assertNever';
import type { ServerEvent, Uuid } from '../generated';
import { applyMessage, applyResync, applySync } from './log';
import { learn, patchMembers, takePresence, updateUser } from './people';
import { liftReceipt } from './receipts';
import { omit, patchRoom, putRoom, removeRoom } from './rooms';
import type { State } from './types';
import { setTyping, TYPING_MS } from './typing';

export function applyEvent(state: State, event: ServerEvent, now: number): State {
  switch (event.event) {
    case 'message': {
      const { event: _name, ...message } = event;
      return setTyping(applyMessage(state, message), message.room, message.author, null);
    }
    case 'sync':
      return applySync(state, event.room, event);
    case 'resync':
      return applyResync(state, event.room, event.after_rev);
    case 'receipt':
      return liftReceipt(state, event.room, event.user, {
        read_seq: event.read_seq,
        delivered_seq: event.delivered_seq,
      });
    case 'typing':
      if (event.user === state.me?.id) return state;
      return setTyping(state, event.room, event.user, event.on ? now + TYPING_MS : null);
    case 'presence':
      return takePresence(state, [event]);
    case 'room_online':
      return { ...state, online: { ...state.online, [event.room]: event.online } };
    case 'room_added':
    case 'room_updated': {
      const next = putRoom(state, event.room);
      return event.room.peer ? learn(next, [event.room.peer]) : next;
    }
    case 'room_removed':
      return removeRoom(state, event.room);
    case 'member_joined':
      return memberJoined(state, event, now);
    case 'member_left':
      return memberLeft(state, event);
    case 'member_updated':
      return memberUpdated(state, event);
    case 'user_updated':
      return updateUser(state, event.user);
    case 'session_revoked':
      return { ...state, connection: { kind: 'unauthorized' } };
    case 'server_draining':
      // Only the connection cares; what is shown changes when it closes.
      return state;
    default:
      return assertNever(event);
  }
}

type Event<N extends ServerEvent['event']> = Extract<ServerEvent, { event: N }>;

function memberJoined(state: State, event: Event<'member_joined'>, now: number): State {
  const { room, user, username, display_name, role } = event;
  const known = learn(countMembers(state, event), [{ id: user, username, display_name }]);
  const joined_at = new Date(now).toISOString();
  return patchMembers(known, room, (members) => [
    ...members.filter((member) => member.user !== user),
    { user, username, display_name, role, joined_at, read_seq: 0, delivered_seq: 0 },
  ]);
}

/** The server says how many there are, so that an event that is heard twice counts once. */
function countMembers(state: State, { room, members }: { room: Uuid; members: number }): State {
  return patchRoom(state, room, (held) => (held.members === members ? held : { ...held, members }));
}

function memberLeft(state: State, event: Event<'member_left'>): State {
  const { room, user } = event;
  const held = state.receipts[room];
  const receipts = held ? { ...state.receipts, [room]: omit(held, user) } : state.receipts;
  const next = setTyping(countMembers({ ...state, receipts }, event), room, user, null);
  return patchMembers(next, room, (members) => members.filter((member) => member.user !== user));
}

function memberUpdated(state: State, { room, user, role }: Event<'member_updated'>): State {
  const own = user === state.me?.id ? patchRoom(state, room, (held) => ({ ...held, role })) : state;
  return patchMembers(own, room, (list) => list.map((member) => (member.user === user ? { ...member, role } : member)));
}
