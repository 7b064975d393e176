// Made from the server's types by `make types`. Do not edit.

export type UserId = string;
export type RoomId = string;
export type SessionId = string;
export type ClientId = string;
export type PresenceState = "online" | "away" | "offline";
export type ServerRole = "member" | "admin" | "owner";
export type RoomKind = "direct" | "group" | "channel";
export type Role = "member" | "admin" | "owner";
export type ErrorCode = "bad_request" | "unauthorized" | "forbidden" | "not_member" | "not_found" | "conflict" | "username_taken" | "too_large" | "unsupported_media_type" | "invalid" | "rate_limited" | "internal" | "unavailable";
export type Limits = { frame_bytes: number, body_chars: number, page: number, presence_members: number, rooms_joined: number, outbox_bytes: number, };
export type User = { id: UserId, username: string, display_name: string, role: ServerRole, guest: boolean, created_at: string, last_seen?: string, };
export type Room = { id: RoomId, kind: RoomKind, name: string | null, topic: string, role: Role | null, members: number, last_seq: number, rev: number, read_seq: number, delivered_seq: number, unread: number, mentions: number, muted: boolean, created_at: string, archived_at?: string, peer?: User, };
export type Member = { user: UserId, username: string, display_name: string, role: Role, joined_at: string, read_seq: number, delivered_seq: number, };
export type Message = { room: RoomId, seq: number, rev: number, author: UserId, client_id: ClientId | null, body: string, created_at: string, reply_to?: number, thread?: number, mentions?: Array<UserId>, edited_at?: string, deleted_at?: string, };
export type ServerInfo = { version: string, epoch: string, limits: Limits, };
export type HelloRequest = { token?: string, device?: string, epoch?: string, cursors?: Record<string, number>, };
export type HelloReply = { user: User, session: SessionId, server: ServerInfo, rooms: Array<Room>, };
export type SyncRequest = { room: string, after_rev: number, limit?: number, };
export type SyncReply = { messages: Array<Message>, rev: number, more: boolean, };
export type SendRequest = { room: string, client_id: ClientId, body: string, reply_to?: number, thread?: number, attachments?: string[], };
export type SendReply = { seq: number, rev: number, created_at: string, duplicate: boolean, };
export type HistoryRequest = { room: string, before?: number, after?: number, around?: number, limit?: number, };
export type HistoryReply = { messages: Array<Message>, has_before: boolean, has_after: boolean, };
export type ReadRequest = { room: string, seq?: number, seqs?: number[], };
export type ReadReply = { read_seq: number, unread: number, };
export type DeliveredRequest = { room: string, seq: number, };
export type DeliveredReply = { delivered_seq: number, };
export type ReceiptsRequest = { room: string, seq: number, };
export type ReceiptAt = { user: UserId, at: string, };
export type ReceiptsReply = { delivered: Array<ReceiptAt>, read: Array<ReceiptAt>, };
export type TypingRequest = { room: string, on: boolean, };
export type RoomRequest = { room: string, };
export type RoomReply = { room: Room, };
export type RoomIdReply = { room: RoomId, };
export type DirectRequest = { user: string, };
export type PresenceRequest = { users?: Array<UserId>, room?: string, };
export type PresenceRow = { user: UserId, state: PresenceState, last_seen: string | null, };
export type PresenceReply = { presence: Array<PresenceRow>, };
export type SetPresenceRequest = { state: PresenceState, };
export type SetPresenceReply = { state: PresenceState, };
export type PingReply = { at: string, };
export type Nothing = Record<string, never>;
export type ServerEvent = { "event": "message" } & Message | { "event": "sync", room: RoomId, messages: Array<Message>, rev: number, more: boolean, } | { "event": "resync", room: RoomId, after_rev: number, } | { "event": "receipt", room: RoomId, user: UserId, read_seq?: number, delivered_seq?: number, } | { "event": "typing", room: RoomId, user: UserId, on: boolean, } | { "event": "presence", user: UserId, state: PresenceState, last_seen: string | null, } | { "event": "room_online", room: RoomId, online: number, } | { "event": "room_added", room: Room, } | { "event": "room_updated", room: Room, } | { "event": "room_removed", room: RoomId, } | { "event": "member_joined", room: RoomId, user: UserId, username: string, display_name: string, role: Role, } | { "event": "member_left", room: RoomId, user: UserId, } | { "event": "member_updated", room: RoomId, user: UserId, role: Role, } | { "event": "user_updated", user: User, } | { "event": "session_revoked", } | { "event": "server_draining", reconnect_after_ms: number, };

/** Each operation's request fields and reply. */
export interface Ops {
  hello: [HelloRequest, HelloReply];
  sync: [SyncRequest, SyncReply];
  send: [SendRequest, SendReply];
  history: [HistoryRequest, HistoryReply];
  read: [ReadRequest, ReadReply];
  delivered: [DeliveredRequest, DeliveredReply];
  receipts: [ReceiptsRequest, ReceiptsReply];
  typing: [TypingRequest, Nothing];
  join: [RoomRequest, RoomReply];
  leave: [RoomRequest, RoomIdReply];
  direct: [DirectRequest, RoomReply];
  presence: [PresenceRequest, PresenceReply];
  set_presence: [SetPresenceRequest, SetPresenceReply];
  ping: [Nothing, PingReply];
}
