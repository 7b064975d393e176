/** The shapes of the REST door that no frame carries; the frames' own, and what both share, are generated. */

import type { ErrorCode, Member, PresenceState, RoomKind, ServerRole, User } from './protocol';

export type Uuid = string;
/** RFC 3339 UTC with milliseconds. */
export type Timestamp = string;

export interface Problem {
  type: string;
  title: string;
  status: number;
  code: ErrorCode;
  detail?: string;
  request_id?: string;
  fields?: Record<string, string>;
  retry_after_ms?: number;
}

export interface Session {
  id: Uuid;
  device: string | null;
  address: string | null;
  created_at: Timestamp;
  last_seen: Timestamp;
  expires_at: Timestamp;
  current: boolean;
}

export type Registration = 'open' | 'invite' | 'closed' | 'setup';
export interface AuthOptions {
  registration: Registration;
  guests: boolean;
}
export interface RegisterRequest {
  username: string;
  password: string;
  display_name?: string;
  invite?: string;
  setup?: string;
}
export interface LoginRequest {
  username: string;
  password: string;
  device?: string;
}
export interface GuestRequest {
  username: string;
  display_name?: string;
}
export interface AuthReply {
  user: User;
  token: string;
  expires_at: Timestamp;
}
export interface PasswordRequest {
  current: string;
  new: string;
}
export interface CreateRoomRequest {
  kind: 'group' | 'channel';
  name: string;
  topic?: string;
  members?: string[];
}
export interface UpdateRoomRequest {
  name?: string;
  topic?: string;
  muted?: boolean;
  favourite?: boolean;
  archived?: boolean;
}

export interface AdminStats {
  users: number;
  online: number;
  rooms: number;
  messages: number;
  connections: number;
  uptime_s: number;
  version: string;
  database: string;
}
export interface AdminRoom {
  id: Uuid;
  kind: RoomKind;
  name: string | null;
  topic: string;
  members: number;
  online: number;
  messages: number;
  created_at: Timestamp;
  archived_at?: Timestamp | null;
}
export interface AdminUpdateRoomRequest {
  name?: string;
  topic?: string;
  kind?: 'group' | 'channel';
  archived?: boolean;
}
export interface AdminCreateRoomRequest extends CreateRoomRequest {
  owner?: string;
}
export interface AdminMember extends Member {
  state: PresenceState;
  connections: number;
  last_seen: Timestamp | null;
}
export interface AdminUser extends User {
  connections: number;
  disabled_at?: Timestamp | null;
}
export interface AdminUpdateUserRequest {
  role?: ServerRole;
  disabled?: boolean;
}
export interface Invite {
  id: Uuid;
  made_by: Uuid;
  created_at: Timestamp;
  expires_at: Timestamp | null;
  /** Null: without limit. */
  uses_left: number | null;
  used: number;
}
export interface CreateInviteRequest {
  expires_in_s?: number;
  uses?: number;
}
export interface CreateInviteReply {
  invite: Invite;
  code: string;
  url: string;
}
export interface AuditEntry {
  id: Uuid;
  at: Timestamp;
  actor: Uuid | null;
  /** As `noun.verb`. */
  act: string;
  target: string | null;
  address: string | null;
  request_id: string | null;
}
export interface Announced {
  seq: number;
  rev: number;
  created_at: Timestamp;
}
