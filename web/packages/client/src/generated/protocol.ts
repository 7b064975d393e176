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
export type Limits = {
/**
 * Largest WebSocket message from a client, in bytes.
 */
frame_bytes: number,
/**
 * Largest body of a message, in characters.
 */
body_chars: number,
/**
 * Most items in one page of history or `sync`.
 */
page: number,
/**
 * Presence and receipts are told to rooms of at most so many members.
 */
presence_members: number,
/**
 * Most rooms that one user may be in.
 */
rooms_joined: number,
/**
 * Most bytes waiting for one slow connection before it is told to `sync`.
 */
outbox_bytes: number, };
export type User = {
/**
 * The user's id.
 */
id: UserId,
/**
 * Unique, folded.
 */
username: string,
/**
 * The name that others see.
 */
display_name: string,
/**
 * The role on this server.
 */
role: ServerRole,
/**
 * Signed in with a name alone.
 */
guest: boolean,
/**
 * When the account was made.
 */
created_at: string,
/**
 * When the last window was closed; absent where none ever was, or where the user does not share it.
 */
last_seen?: string, };
export type Room = {
/**
 * The room's id.
 */
id: RoomId,
/**
 * What it is.
 */
kind: RoomKind,
/**
 * A channel's unique name, a group's title, null for a direct room.
 */
name: string | null,
/**
 * Empty where none was set.
 */
topic: string,
/**
 * Mine; null where I am not a member.
 */
role: Role | null,
/**
 * How many members it has.
 */
members: number,
/**
 * The last message's number; 0 before the first.
 */
last_seq: number,
/**
 * When the last message was stored; absent before the first.
 */
last_at?: string,
/**
 * The last change's number; 0 before the first.
 */
rev: number,
/**
 * All up to this I have read.
 */
read_seq: number,
/**
 * All up to this reached one of my devices.
 */
delivered_seq: number,
/**
 * How many messages I have not read.
 */
unread: number,
/**
 * How many of these name me.
 */
mentions: number,
/**
 * I want no notification.
 */
muted: boolean,
/**
 * I keep it on top of my list.
 */
favourite: boolean,
/**
 * When it was made.
 */
created_at: string,
/**
 * Since when it is read-only.
 */
archived_at?: string,
/**
 * The other user of a direct room.
 */
peer?: User, };
export type Member = {
/**
 * Who.
 */
user: UserId,
/**
 * Their unique name.
 */
username: string,
/**
 * The name that others see.
 */
display_name: string,
/**
 * What they may do in the room.
 */
role: Role,
/**
 * When they came in.
 */
joined_at: string,
/**
 * All up to this they have read; null where they do not share it.
 */
read_seq: number | null,
/**
 * All up to this reached one of their devices.
 */
delivered_seq: number, };
export type Message = {
/**
 * Where.
 */
room: RoomId,
/**
 * Its place in the room: 1, 2, 3 … without a gap.
 */
seq: number,
/**
 * The room's change that last touched it.
 */
rev: number,
/**
 * Who sent it.
 */
author: UserId,
/**
 * Chosen by the sender; null where the server wrote it.
 */
client_id: ClientId | null,
/**
 * The text, as it was sent.
 */
body: string,
/**
 * When it was stored.
 */
created_at: string,
/**
 * The message that it answers.
 */
reply_to?: number,
/**
 * The root of the thread that it belongs to.
 */
thread?: number,
/**
 * The members that it names.
 */
mentions?: Array<UserId>,
/**
 * When it was last edited.
 */
edited_at?: string,
/**
 * When it was deleted; the body is then empty.
 */
deleted_at?: string, };
export type ServerInfo = {
/**
 * Chirm's version.
 */
version: string,
/**
 * Changes when a backup is restored: cursors of another epoch are worthless.
 */
epoch: string,
/**
 * What clients must keep to.
 */
limits: Limits, };
export type HelloRequest = {
/**
 * The bearer token, where neither cookie nor header brought one.
 */
token?: string,
/**
 * A label for the list of devices.
 */
device?: string,
/**
 * The epoch that the cursors were held from.
 */
epoch?: string,
/**
 * The last `rev` held of each room.
 */
cursors?: Record<string, number>, };
export type HelloReply = {
/**
 * Me.
 */
user: User,
/**
 * My sign-in, as in the list of devices.
 */
session: SessionId,
/**
 * Whom I talk to.
 */
server: ServerInfo,
/**
 * My rooms.
 */
rooms: Array<Room>, };
export type SyncRequest = {
/**
 * Which room.
 */
room: string,
/**
 * The last change that the client holds; 0 for none.
 */
after_rev: number,
/**
 * At most so many messages.
 */
limit?: number, };
export type SyncReply = {
/**
 * Ascending by `rev`.
 */
messages: Array<Message>,
/**
 * The change reached.
 */
rev: number,
/**
 * There is more: ask again from `rev`.
 */
more: boolean, };
export type SendRequest = {
/**
 * Which room.
 */
room: string,
/**
 * Kept on every retry: what makes a retry safe.
 */
client_id: ClientId,
/**
 * The text.
 */
body: string,
/**
 * The message that it answers.
 */
reply_to?: number,
/**
 * The root of its thread.
 */
thread?: number,
/**
 * Uploaded files. There are none yet, so every id is refused.
 */
attachments?: Array<string>, };
export type SendReply = {
/**
 * The message's number.
 */
seq: number,
/**
 * The room's change that stored it.
 */
rev: number,
/**
 * When it was stored.
 */
created_at: string,
/**
 * It had been stored before.
 */
duplicate: boolean, };
export type HistoryRequest = {
/**
 * Which room.
 */
room: string,
/**
 * Messages before this one.
 */
before?: number,
/**
 * Messages after this one.
 */
after?: number,
/**
 * Messages on both sides of this one, and itself.
 */
around?: number,
/**
 * At most so many.
 */
limit?: number, };
export type HistoryReply = {
/**
 * Ascending by `seq`.
 */
messages: Array<Message>,
/**
 * There are older ones.
 */
has_before: boolean,
/**
 * There are newer ones.
 */
has_after: boolean, };
export type ReadRequest = {
/**
 * Which room.
 */
room: string,
/**
 * All up to this one.
 */
seq?: number,
/**
 * The highest of these counts.
 */
seqs?: Array<number>, };
export type ReadReply = {
/**
 * My watermark now.
 */
read_seq: number,
/**
 * What remains.
 */
unread: number, };
export type DeliveredRequest = {
/**
 * Which room.
 */
room: string,
/**
 * All up to this one.
 */
seq: number, };
export type DeliveredReply = {
/**
 * My watermark now.
 */
delivered_seq: number, };
export type ReceiptsRequest = {
/**
 * Which room.
 */
room: string,
/**
 * Which message.
 */
seq: number, };
export type ReceiptAt = {
/**
 * Who.
 */
user: UserId,
/**
 * When their watermark passed it, or the last time that it rose past it.
 */
at: string, };
export type ReceiptsReply = {
/**
 * Who has got it.
 */
delivered: Array<ReceiptAt>,
/**
 * Who has read it.
 */
read: Array<ReceiptAt>, };
export type TypingRequest = {
/**
 * Which room.
 */
room: string,
/**
 * Writing, or no longer.
 */
on: boolean, };
export type RoomRequest = {
/**
 * Which room.
 */
room: string, };
export type RoomReply = {
/**
 * The room.
 */
room: Room, };
export type RoomIdReply = {
/**
 * The room's id.
 */
room: RoomId, };
export type DirectRequest = {
/**
 * With whom: id or username.
 */
user: string, };
export type PresenceRequest = {
/**
 * Of these users, at most 200.
 */
users?: Array<UserId>,
/**
 * Of this room's members.
 */
room?: string, };
export type PresenceRow = {
/**
 * Who.
 */
user: UserId,
/**
 * There, or not.
 */
state: PresenceState,
/**
 * When they last were; null where they never were.
 */
last_seen: string | null, };
export type PresenceReply = {
/**
 * A row for each user that exists.
 */
presence: Array<PresenceRow>, };
export type SetPresenceRequest = {
/**
 * `online` or `away`.
 */
state: PresenceState, };
export type SetPresenceReply = {
/**
 * As this window says now.
 */
state: PresenceState, };
export type PingReply = {
/**
 * The server's clock.
 */
at: string, };
export type Nothing = Record<symbol, never>;
export type ServerEvent = { "event": "message" } & Message | { "event": "sync",
/**
 * Which room.
 */
room: RoomId,
/**
 * Ascending by `rev`.
 */
messages: Array<Message>,
/**
 * The change reached.
 */
rev: number,
/**
 * There is more: go on with the operation `sync`.
 */
more: boolean, } | { "event": "resync",
/**
 * Which room.
 */
room: RoomId,
/**
 * Fetch what came after this with `sync`.
 */
after_rev: number, } | { "event": "receipt",
/**
 * Which room.
 */
room: RoomId,
/**
 * Whose.
 */
user: UserId,
/**
 * All up to this was read.
 */
read_seq?: number,
/**
 * All up to this was delivered.
 */
delivered_seq?: number, } | { "event": "typing",
/**
 * Which room.
 */
room: RoomId,
/**
 * Who.
 */
user: UserId,
/**
 * Writing, or no longer.
 */
on: boolean, } | { "event": "presence",
/**
 * Who.
 */
user: UserId,
/**
 * There, or not.
 */
state: PresenceState,
/**
 * When they last were.
 */
last_seen: string | null, } | { "event": "room_online",
/**
 * Which room.
 */
room: RoomId,
/**
 * Online or away.
 */
online: number, } | { "event": "room_added",
/**
 * As I see it.
 */
room: Room, } | { "event": "room_updated",
/**
 * As I see it.
 */
room: Room, } | { "event": "room_removed",
/**
 * Which room.
 */
room: RoomId, } | { "event": "member_joined",
/**
 * Which room.
 */
room: RoomId,
/**
 * Who.
 */
user: UserId,
/**
 * Their unique name.
 */
username: string,
/**
 * The name that others see.
 */
display_name: string,
/**
 * What they may do there.
 */
role: Role,
/**
 * How many members the room has now.
 */
members: number, } | { "event": "member_left",
/**
 * Which room.
 */
room: RoomId,
/**
 * Who.
 */
user: UserId,
/**
 * How many members the room has now.
 */
members: number, } | { "event": "member_updated",
/**
 * Which room.
 */
room: RoomId,
/**
 * Who.
 */
user: UserId,
/**
 * The new role.
 */
role: Role, } | { "event": "user_updated",
/**
 * The user now.
 */
user: User, } | { "event": "session_revoked", } | { "event": "server_draining",
/**
 * Not before.
 */
reconnect_after_ms: number, };

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
