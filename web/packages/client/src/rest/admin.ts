import type * as P from '../generated';
import type { Listed, Page } from './api';
import type { Http } from './http';

export interface RoomFilter extends Page {
  q?: string;
  kind?: P.RoomKind;
  archived?: boolean;
}

export function adminApi(http: Http) {
  const room = (id: string) => `/admin/rooms/${encodeURIComponent(id)}`;
  const member = (id: string, user: string) => `${room(id)}/members/${encodeURIComponent(user)}`;
  const user = (id: string) => `/admin/users/${encodeURIComponent(id)}`;
  return {
    stats: () => http.get<P.AdminStats>('/admin/stats'),
    rooms: (filter: RoomFilter = {}) => http.get<Listed<'rooms', P.AdminRoom>>('/admin/rooms', { ...filter }),
    createRoom: (body: P.AdminCreateRoomRequest) => http.post<{ room: P.AdminRoom }>('/admin/rooms', body),
    room: (id: string) => http.get<{ room: P.AdminRoom }>(room(id)),
    updateRoom: (id: string, body: P.AdminUpdateRoomRequest) => http.patch<{ room: P.AdminRoom }>(room(id), body),
    deleteRoom: (id: string) => http.delete<void>(room(id)),
    members: (id: string, page: Page = {}) =>
      http.get<Listed<'members', P.AdminMember>>(`${room(id)}/members`, { ...page }),
    putMember: (id: string, who: string, role?: P.Role) =>
      http.put<{ member: P.Member }>(member(id, who), role ? { role } : {}),
    removeMember: (id: string, who: string) => http.delete<void>(member(id, who)),
    announce: (id: string, body: string) => http.post<P.Announced>(`${room(id)}/announcement`, { body }),
    users: (q: string, page: Page = {}) => http.get<Listed<'users', P.AdminUser>>('/admin/users', { q, ...page }),
    updateUser: (id: string, body: P.AdminUpdateUserRequest) => http.patch<{ user: P.AdminUser }>(user(id), body),
    signOutUser: (id: string) => http.delete<void>(`${user(id)}/sessions`),
    invites: () => http.get<{ invites: P.Invite[] }>('/admin/invites'),
    createInvite: (body: P.CreateInviteRequest) => http.post<P.CreateInviteReply>('/admin/invites', body),
    revokeInvite: (id: string) => http.delete<void>(`/admin/invites/${id}`),
    audit: (page: Page = {}) => http.get<Listed<'entries', P.AuditEntry>>('/admin/audit', { ...page }),
  };
}
