import type * as P from '../generated';
import { adminApi } from './admin';
import type { Http } from './http';

export interface Page {
  cursor?: string;
  limit?: number;
}
export type Listed<K extends string, T> = Record<K, T[]> & { next_cursor?: string | null };

/** The REST door, one line per route. */
export function createApi(http: Http) {
  const room = (id: string) => `/rooms/${encodeURIComponent(id)}`;
  const member = (id: string, user: string) => `${room(id)}/members/${encodeURIComponent(user)}`;
  return {
    options: () => http.get<P.AuthOptions>('/auth/options'),
    register: (body: P.RegisterRequest) => http.post<P.AuthReply>('/auth/register', body),
    login: (body: P.LoginRequest) => http.post<P.AuthReply>('/auth/login', body),
    guest: (body: P.GuestRequest) => http.post<P.AuthReply>('/auth/guest', body),
    logout: () => http.post<void>('/auth/logout'),
    sessions: () => http.get<{ sessions: P.Session[] }>('/auth/sessions'),
    revokeSession: (id: P.Uuid) => http.delete<void>(`/auth/sessions/${id}`),
    changePassword: (body: P.PasswordRequest) => http.post<void>('/auth/password', body),
    me: () => http.get<P.OneMe>('/me'),
    updateMe: (body: P.ProfilePatch) => http.patch<P.OneMe>('/me', body),
    findUsers: (q: string, page: Page = {}) => http.get<Listed<'users', P.User>>('/users', { q, ...page }),
    usersById: (ids: readonly P.Uuid[]) => http.get<Listed<'users', P.User>>('/users', { ids: ids.join(',') }),
    createRoom: (body: P.CreateRoomRequest) => http.post<{ room: P.Room }>('/rooms', body),
    publicRooms: (q: string, page: Page = {}) => http.get<Listed<'rooms', P.Room>>('/rooms/public', { q, ...page }),
    room: (id: string) => http.get<{ room: P.Room }>(room(id)),
    updateRoom: (id: string, body: P.UpdateRoomRequest) => http.patch<{ room: P.Room }>(room(id), body),
    deleteRoom: (id: string) => http.delete<void>(room(id)),
    join: (id: string) => http.post<{ room: P.Room }>(`${room(id)}/join`),
    leave: (id: string) => http.post<void>(`${room(id)}/leave`),
    direct: (user: string) => http.post<{ room: P.Room }>('/direct', { user }),
    message: (id: string, seq: number) => http.get<{ message: P.Message }>(`${room(id)}/messages/${seq}`),
    members: (id: string, page: Page = {}) => http.get<Listed<'members', P.Member>>(`${room(id)}/members`, { ...page }),
    putMember: (id: string, user: string, role?: P.Role) =>
      http.put<{ member: P.Member }>(member(id, user), role ? { role } : {}),
    removeMember: (id: string, user: string) => http.delete<void>(member(id, user)),
    admin: adminApi(http),
  };
}

export type Api = ReturnType<typeof createApi>;
