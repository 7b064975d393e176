import type { Member, PresenceRow, User, Uuid } from '../generated';
import type { Person, State } from './types';

export function learn(state: State, people: readonly Person[]): State {
  const news = people.filter((person) => {
    const held = state.people[person.id];
    return held?.display_name !== person.display_name || held.username !== person.username;
  });
  if (news.length === 0) return state;
  const added = news.map(({ id, username, display_name }) => [id, { id, username, display_name }]);
  return { ...state, people: { ...state.people, ...Object.fromEntries(added) } };
}

/** A user changed: everywhere the name is shown it is the new one. */
export function updateUser(state: State, user: User): State {
  const rooms = Object.fromEntries(
    Object.entries(state.rooms).map(([id, room]) => [id, room.peer?.id === user.id ? { ...room, peer: user } : room]),
  );
  const rename = (member: Member): Member =>
    member.user === user.id ? { ...member, username: user.username, display_name: user.display_name } : member;
  const members = Object.fromEntries(Object.entries(state.members).map(([id, list]) => [id, list.map(rename)]));
  const me = state.me?.id === user.id ? { ...state.me, ...user } : state.me;
  return learn({ ...state, me, rooms, members, presence: withoutSecret(state.presence, user) }, [user]);
}

/** Who no longer tells when they were last seen told it before: that is forgotten. */
function withoutSecret(presence: State['presence'], user: User): State['presence'] {
  const held = presence[user.id];
  return held?.last_seen && !user.last_seen ? { ...presence, [user.id]: { ...held, last_seen: null } } : presence;
}

export function takePresence(state: State, list: readonly PresenceRow[]): State {
  if (list.length === 0) return state;
  const added = list.map(({ user, state: now, last_seen }) => [user, { user, state: now, last_seen }]);
  return { ...state, presence: { ...state.presence, ...Object.fromEntries(added) } };
}

export function patchMembers(state: State, room: Uuid, patch: (members: readonly Member[]) => Member[]): State {
  const held = state.members[room];
  return held ? { ...state, members: { ...state.members, [room]: patch(held) } } : state;
}
