// Made from the server's types by `make types`. Do not edit.

import type { ClientId, ErrorCode, Member, Message, PresenceState, Role, Room, RoomId, RoomKind, ServerRole, SessionId, User, UserId } from './protocol';

export type Uuid = string;

/** A new room. */
export interface AdminCreateRoomRequest {
  /** `group` or `channel`. */
  kind: RoomKind;
  /** Who comes in at once: ids or usernames. */
  members?: string[] | null;
  name: string;
  /** Whose it is: id or username; else the administrator's. */
  owner?: string | null;
  topic?: string | null;
}

/** A member and whether they are there. */
export interface AdminMember {
  /** WebSockets. */
  connections: number;
  delivered_seq: number;
  display_name: string;
  joined_at: Timestamp;
  last_seen: Timestamp | null;
  /** Null where they do not share it. */
  read_seq: number | null;
  role: Role;
  state: PresenceState;
  user: UserId;
  username: string;
}

/** A page of members. */
export interface AdminMembers {
  members: AdminMember[];
  /** For `cursor`; null at the end. */
  next_cursor: string | null;
}

/** A room as administrators see it. */
export interface AdminRoom {
  /** Since when it is read-only. */
  archived_at?: Timestamp;
  created_at: Timestamp;
  id: RoomId;
  kind: RoomKind;
  /** How many members it has. */
  members: number;
  /** How many messages it has. */
  messages: number;
  /** Null for a direct room. */
  name: string | null;
  /** How many of them are there. */
  online: number;
  topic: string;
}

/** A page of rooms. */
export interface AdminRooms {
  /** For `cursor`; null at the end. */
  next_cursor: string | null;
  rooms: AdminRoom[];
}

/** The server in numbers. */
export interface AdminStats {
  /** WebSockets. */
  connections: number;
  /** `sqlite` or `postgres`. */
  database: string;
  messages: number;
  /** Users who are there now. */
  online: number;
  rooms: number;
  uptime_s: number;
  users: number;
  version: string;
}

/** What to change of a room. */
export interface AdminUpdateRoomRequest {
  /** Read-only. */
  archived?: boolean | null;
  kind?: RoomKind | null;
  name?: string | null;
  topic?: string | null;
}

/** What to change of an account. */
export interface AdminUpdateUserRequest {
  /** Locks it, and signs it out everywhere. */
  disabled?: boolean | null;
  role?: ServerRole | null;
}

/** An account as administrators see it. */
export interface AdminUser {
  /** WebSockets. */
  connections: number;
  created_at: Timestamp;
  /** Since when it is locked. */
  disabled_at?: Timestamp;
  display_name: string;
  guest: boolean;
  id: UserId;
  /** When the last window was closed; absent where none ever was, or where they do not share it. */
  last_seen?: Timestamp;
  role: ServerRole;
  username: string;
}

/** A page of accounts. */
export interface AdminUsers {
  /** For `cursor`; null at the end. */
  next_cursor: string | null;
  users: AdminUser[];
}

/** What became of it. */
export interface Announced {
  created_at: Timestamp;
  rev: number;
  seq: number;
}

/** A message of the administrator's. */
export interface Announcement {
  body: string;
}

/** A page of acts, newest first. */
export interface AuditEntries {
  entries: AuditEntry[];
  /** For `cursor`; null at the end. */
  next_cursor: string | null;
}

/** An act. */
export interface AuditEntry {
  /** What, as `noun.verb`. */
  act: string;
  actor: UserId | null;
  /** From where. */
  address: string | null;
  at: Timestamp;
  /** Such as what it was before and after. */
  detail: Record<string, unknown> | null;
  id: AuditId;
  request_id: string | null;
  /** On what: an id or a name. */
  target: string | null;
}

/** An entry of the audit log. */
export type AuditId = Uuid;

/** What this visitor may do without an account. */
export interface AuthOptions {
  /** There is no account yet: the first one owns the server. */
  first: boolean;
  /** A name alone is enough. */
  guests: boolean;
  registration: Registration;
}

/** Somebody is signed in; the cookie comes along. */
export interface AuthReply {
  expires_at: Timestamp;
  /** For `Authorization: Bearer`. It is told this once. */
  token: string;
  user: User;
}

/** A new invite with its code, which is told this once. */
export interface CreateInviteReply {
  code: string;
  invite: Invite;
  /** A link to send to somebody. */
  url: string;
}

/** A new invite. */
export interface CreateInviteRequest {
  /** Unset: a week. */
  expires_in_s?: number | null;
  /** Unset: once. */
  uses?: number | null;
}

/** A new room. */
export interface CreateRoomRequest {
  /** `group` or `channel`. */
  kind: RoomKind;
  /** Who comes in at once: ids or usernames. */
  members?: string[] | null;
  /** A channel's name or a group's title. */
  name: string;
  /** What it is about. */
  topic?: string | null;
}

/** With whom. */
export interface DirectForm {
  /** Id or username. */
  user: string;
}

/** A sign-in with a name alone. */
export interface GuestRequest {
  display_name?: string | null;
  username: string;
}

/** An invite; its code was told when it was made. */
export interface Invite {
  created_at: Timestamp;
  expires_at: Timestamp | null;
  id: Uuid;
  made_by: UserId;
  /** How often it was used. */
  used: number;
  /** How often it can still be used; null: without limit. */
  uses_left: number | null;
}

/** Invites that can still be used. */
export interface Invites {
  invites: Invite[];
}

/** A sign-in. */
export interface LoginRequest {
  /** A name for the list of devices; else what the browser calls itself. */
  device?: string | null;
  password: string;
  username: string;
}

/** A user as they see themselves: also what they let others know. */
export interface Me {
  created_at: Timestamp;
  display_name: string;
  guest: boolean;
  id: UserId;
  /** When the last window was closed; absent where none ever was, or where it is not shared. */
  last_seen?: Timestamp;
  role: ServerRole;
  /** Others hear when I was last here. */
  share_last_seen: boolean;
  /** Others hear what I have read. */
  share_read_receipts: boolean;
  username: string;
}

/** A page of members. */
export interface Members {
  members: Member[];
  /** For `cursor`; null at the end. */
  next_cursor: string | null;
}

/** One room. */
export interface OneAdminRoom {
  room: AdminRoom;
}

/** Myself. */
export interface OneMe {
  user: Me;
}

/** One member. */
export interface OneMember {
  /** The member. */
  member: Member;
}

/** One message. */
export interface OneMessage {
  message: Message;
}

/** One user. */
export interface OneUser {
  /** The user. */
  user: User;
}

/** A change of password. */
export interface PasswordRequest {
  current: string;
  new: string;
}

/** Why a request was refused. */
export interface Problem {
  /** For machines; one of the protocol's codes. */
  code: ErrorCode;
  /** For people. */
  detail: string;
  /** With `invalid`: the fields at fault and a sentence each. */
  fields?: Record<string, string>;
  /** For the operator, to find it in the log. */
  request_id: string;
  /** With `rate_limited` and `unavailable`: when to try again. */
  retry_after_ms?: number;
  /** The HTTP status. */
  status: number;
  /** The status in words. */
  title: string;
  /** Always `about:blank`: `code` tells what happened. */
  type: string;
}

/** What to change of it. */
export interface ProfilePatch {
  display_name?: string | null;
  /** Whether others hear when I was last here. */
  share_last_seen?: boolean | null;
  /** Whether others hear what I have read. */
  share_read_receipts?: boolean | null;
}

/** Up to where was read: one of the two. */
export interface ReadForm {
  seq?: number | null;
  /** The highest of these counts. */
  seqs?: number[] | null;
}

/** Whether the process can serve. */
export interface Readiness {
  /** The database answers. */
  database: boolean;
  /** The process is about to end and takes no new connections. */
  draining: boolean;
  /** Its schema is the one that this version needs. */
  migrations: boolean;
  /** All of the below are well. */
  ready: boolean;
  /** It took the last change: its disk is not full, and whoever else uses it lets us. */
  writable: boolean;
}

/** A new account. */
export interface RegisterRequest {
  display_name?: string | null;
  /** An invite's code. */
  invite?: string | null;
  password: string;
  /** For the first account: the setup link's code. */
  setup?: string | null;
  username: string;
}

/** Who may register. */
export type Registration = 'open' | 'invite' | 'closed' | 'setup';

/** What a member may do. */
export interface RoleForm {
  role?: Role | null;
}

/** A page of rooms. */
export interface Rooms {
  /** For `cursor`; null at the end. */
  next_cursor: string | null;
  rooms: Room[];
}

/** A new message. */
export interface SendForm {
  /** Uploaded files. There are none yet, so every id is refused. */
  attachments?: Uuid[] | null;
  body: string;
  /** Kept on every retry: what makes a retry safe. */
  client_id: ClientId;
  /** The message that it answers. */
  reply_to?: number | null;
  /** The root of its thread. */
  thread?: number | null;
}

/** A device that is signed in. */
export interface Session {
  address: string | null;
  created_at: Timestamp;
  /** It is the one that asks. */
  current: boolean;
  device: string | null;
  expires_at: Timestamp;
  id: SessionId;
  last_seen: Timestamp;
}

/** My devices. */
export interface Sessions {
  sessions: Session[];
}

/** Milliseconds since 1970-01-01T00:00Z; on the wire RFC 3339 UTC with milliseconds, in the databases a BIGINT. */
export type Timestamp = string;

/** What to change of a room. */
export interface UpdateRoomRequest {
  /** Read-only. */
  archived?: boolean | null;
  /** I keep it on top of my list. */
  favourite?: boolean | null;
  /** I want no notification. */
  muted?: boolean | null;
  name?: string | null;
  topic?: string | null;
}

/** A page of users. */
export interface Users {
  /** For `cursor`; null at the end. */
  next_cursor: string | null;
  users: User[];
}
