import { assertNever } from '../assertNever';
import type { HelloReply, Room, Uuid } from '../generated';
import type { Action } from './actions';
import { applyEvent } from './events';
import { applyMessage, applySync, patchTimeline } from './log';
import { learn, takePresence, updateUser } from './people';
import { liftReceipt, takeMembers } from './receipts';
import { omit, patchRoom, putRoom, removeRoom, withWatermarks } from './rooms';
import { restore } from './snapshot';
import { takePage } from './timeline';
import { initialState, type State } from './types';
import { expireTyping } from './typing';

/** The one place where state comes from: live events, sync, replies and the cache pass through here. */
export function reduce(state: State, action: Action): State {
  switch (action.type) {
    case 'event':
      return applyEvent(state, action.event, action.now);
    case 'connection':
      // Without a connection nobody can be said to be there, or to be typing.
      return { ...state, connection: action.connection, presence: {}, online: {}, typing: {} };
    case 'silence':
      return state.connection.kind === 'online'
        ? { ...state, connection: { kind: 'online', silent: action.silent } }
        : state;
    case 'hello':
      return greet(state, action.reply);
    case 'synced':
      return applySync(state, action.room, action.reply);
    case 'page_asked':
      return patchTimeline(state, action.room, (held) => ({ ...held, loading: action.direction, failure: null }));
    case 'page': {
      const lastSeq = state.rooms[action.room]?.last_seq ?? 0;
      return patchTimeline(state, action.room, (held) => takePage(held, action.direction, action.reply, lastSeq));
    }
    case 'page_failed':
      return patchTimeline(state, action.room, (held) => ({ ...held, loading: null, failure: action.failure }));
    case 'timeline_dropped':
      return { ...state, timelines: omit(state.timelines, action.room) };
    case 'queue':
      return { ...state, queue: action.queue };
    case 'sent':
      return sent(state, action);
    case 'read': {
      const { room, reply } = action;
      return state.me ? liftReceipt(state, room, state.me.id, { read_seq: reply.read_seq }) : state;
    }
    case 'room':
      return putRoom(state, action.room);
    case 'room_gone':
      return removeRoom(state, action.room);
    case 'members':
      return learn(
        takeMembers(state, action.room, action.members),
        action.members.map((member) => ({ ...member, id: member.user })),
      );
    case 'original': {
      const { room, seq, message } = action;
      return { ...state, originals: { ...state.originals, [room]: { ...state.originals[room], [seq]: message } } };
    }
    case 'people':
      return learn(state, action.people);
    case 'presence':
      return takePresence(state, action.presence);
    case 'me':
      return updateUser({ ...state, me: state.me ?? action.user }, action.user);
    case 'typing_expired':
      return expireTyping(state, action.now);
    case 'restored':
      return restore(state, action.snapshot);
    case 'signed_out':
      return initialState;
    default:
      return assertNever(action);
  }
}

/** `hello` says which rooms there are and where they stand; what was missed in them follows as `sync` events. */
function greet(state: State, reply: HelloReply): State {
  const sameLog = state.server === null || state.server.epoch === reply.server.epoch;
  const rooms: Record<Uuid, Room> = {};
  const cursors: Record<Uuid, number> = {};
  const timelines: Record<Uuid, State['timelines'][string]> = {};
  for (const room of reply.rooms) {
    const held = sameLog ? state.timelines[room.id] : undefined;
    const cursor = state.cursors[room.id];
    const goesOn = held?.loaded && cursor !== undefined;
    rooms[room.id] = sameLog ? keepMarks(room, state.rooms[room.id]) : room;
    cursors[room.id] = goesOn ? cursor : room.rev;
    if (goesOn) timelines[room.id] = held;
  }
  const base = { ...state, rooms, cursors, timelines, behind: {}, typing: {} };
  const met = { ...base, me: reply.user, session: reply.session, server: reply.server };
  const peers = reply.rooms.flatMap((room) => (room.peer ? [room.peer] : []));
  return learn({ ...met, connection: { kind: 'online' } }, [reply.user, ...peers]);
}

function keepMarks(room: Room, held: Room | undefined): Room {
  return held ? withWatermarks(room, held) : room;
}

/** The reply takes the place of the event that the sending session does not get. */
function sent(state: State, { queued, reply }: Extract<Action, { type: 'sent' }>): State {
  const { room, client_id, author, body, reply_to } = queued;
  const { seq, rev, created_at } = reply;
  const queue = state.queue.filter((other) => other.client_id !== client_id);
  const answers = reply_to === undefined ? {} : { reply_to };
  const message = { room, seq, rev, author, client_id, body, created_at, ...answers };
  const next = applyMessage({ ...state, queue }, message);
  return patchRoom(next, room, (held) => withWatermarks(held, { read_seq: seq }));
}
