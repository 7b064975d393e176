/** The wire types of protocol v1, one per thing, named as the protocol names them. */

export type Uuid = string;
/** RFC 3339 UTC with milliseconds. */
export type Timestamp = string;

export type ErrorCode =
  | 'bad_request'
  | 'unauthorized'
  | 'forbidden'
  | 'not_member'
  | 'not_found'
  | 'conflict'
  | 'username_taken'
  | 'too_large'
  | 'unsupported_media_type'
  | 'invalid'
  | 'rate_limited'
  | 'internal'
  | 'unavailable';

export type Role = 'owner' | 'admin' | 'member';
export type RoomKind = 'direct' | 'group' | 'channel';
export type PresenceState = 'online' | 'away' | 'offline';

export interface User {
  id: Uuid;
  username: string;
  display_name: string;
  role: Role;
  guest: boolean;
  created_at: Timestamp;
  last_seen?: Timestamp | null;
}

export interface Room {
  id: Uuid;
  kind: RoomKind;
  name: string | null;
  topic: string;
  /** Mine; null where I am not a member. */
  role: Role | null;
  members: number;
  last_seq: number;
  rev: number;
  read_seq: number;
  delivered_seq: number;
  unread: number;
  mentions: number;
  muted: boolean;
  created_at: Timestamp;
  archived_at?: Timestamp | null;
  peer?: User | null;
}

export interface Message {
  room: Uuid;
  seq: number;
  rev: number;
  author: Uuid;
  /** Null for messages that the server itself wrote. */
  client_id: Uuid | null;
  body: string;
  created_at: Timestamp;
  reply_to?: number | null;
  thread?: number | null;
  attachments?: Uuid[];
  mentions?: Uuid[];
  edited_at?: Timestamp | null;
  deleted_at?: Timestamp | null;
}

export interface Member {
  user: Uuid;
  username: string;
  display_name: string;
  role: Role;
  joined_at: Timestamp;
  read_seq: number;
  delivered_seq: number;
}

export interface Presence {
  user: Uuid;
  state: PresenceState;
  last_seen: Timestamp | null;
}

export interface Receipt {
  user: Uuid;
  at: Timestamp | null;
}

export interface Session {
  id: Uuid;
  device: string | null;
  address: string | null;
  created_at: Timestamp;
  last_seen: Timestamp | null;
  expires_at: Timestamp;
  current: boolean;
}

export interface Limits {
  frame_bytes: number;
  presence_members: number;
  body_chars?: number;
}

export interface ServerInfo {
  version: string;
  epoch: string;
  limits: Limits;
}

export interface HelloRequest {
  token?: string;
  device?: string;
  epoch?: string;
  cursors?: Record<Uuid, number>;
}
export interface HelloReply {
  user: User;
  session: Uuid;
  server: ServerInfo;
  rooms: Room[];
}
export interface SyncRequest {
  room: string;
  after_rev: number;
  limit?: number;
}
export interface SyncReply {
  messages: Message[];
  rev: number;
  more: boolean;
}
export interface SendRequest {
  room: string;
  client_id: Uuid;
  body: string;
  reply_to?: number;
  thread?: number;
  attachments?: Uuid[];
}
export interface SendReply {
  seq: number;
  rev: number;
  created_at: Timestamp;
  duplicate: boolean;
}
export interface HistoryRequest {
  room: string;
  before?: number;
  after?: number;
  around?: number;
  limit?: number;
}
export interface HistoryReply {
  messages: Message[];
  has_before: boolean;
  has_after: boolean;
}
export interface ReadRequest {
  room: string;
  seq?: number;
  seqs?: number[];
}
export interface ReadReply {
  read_seq: number;
  unread: number;
}
export interface DeliveredRequest {
  room: string;
  seq: number;
}
export interface DeliveredReply {
  delivered_seq: number;
}
export interface ReceiptsRequest {
  room: string;
  seq: number;
}
export interface ReceiptsReply {
  delivered: Receipt[];
  read: Receipt[];
}
export interface TypingRequest {
  room: string;
  on: boolean;
}
export interface RoomRequest {
  room: string;
}
export interface RoomReply {
  room: Room;
}
export interface LeaveReply {
  room: { id: Uuid };
}
export interface DirectRequest {
  user: string;
}
export interface PresenceRequest {
  users?: Uuid[];
  room?: string;
}
export interface PresenceReply {
  presence: Presence[];
}
export interface SetPresenceRequest {
  state: 'online' | 'away';
}
export interface SetPresenceReply {
  state: PresenceState;
}
export interface PingReply {
  at: Timestamp;
}

export type ServerEvent =
  | ({ event: 'sync'; room: Uuid } & SyncReply)
  | { event: 'resync'; room: Uuid; after_rev: number }
  | ({ event: 'message' } & Message)
  | { event: 'receipt'; room: Uuid; user: Uuid; read_seq?: number | null; delivered_seq?: number | null }
  | { event: 'typing'; room: Uuid; user: Uuid; on: boolean }
  | ({ event: 'presence' } & Presence)
  | { event: 'room_online'; room: Uuid; online: number }
  | { event: 'room_added'; room: Room }
  | { event: 'room_updated'; room: Room }
  | { event: 'room_removed'; room: Uuid }
  | { event: 'member_joined'; room: Uuid; user: Uuid; username: string; display_name: string; role: Role }
  | { event: 'member_left'; room: Uuid; user: Uuid }
  | { event: 'member_updated'; room: Uuid; user: Uuid; role: Role }
  | { event: 'user_updated'; user: User }
  | { event: 'session_revoked' }
  | { event: 'server_draining'; reconnect_after_ms?: number | null };

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
  role?: Role;
  disabled?: boolean;
}
export interface Invite {
  id: Uuid;
  created_at: Timestamp;
  expires_at?: Timestamp | null;
  uses?: number | null;
  uses_left?: number | null;
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
  act: string;
  target: string | null;
}
