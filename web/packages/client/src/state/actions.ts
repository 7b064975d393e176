import type { FailureCode } from '../errors';
import type {
  HelloReply,
  HistoryReply,
  Member,
  Message,
  PresenceRow,
  ReadReply,
  Room,
  SendReply,
  ServerEvent,
  SyncReply,
  User,
  Uuid,
} from '../generated';
import type { Snapshot } from './snapshot';
import type { Connection, PageDirection, Person, Queued } from './types';

/** Everything that can change the state: what the server said, and what this client did. */
export type Action =
  | { type: 'event'; event: ServerEvent; now: number }
  | { type: 'connection'; connection: Connection }
  | { type: 'silence'; silent: boolean }
  | { type: 'hello'; reply: HelloReply }
  | { type: 'synced'; room: Uuid; reply: SyncReply }
  | { type: 'page_asked'; room: Uuid; direction: PageDirection }
  | { type: 'page'; room: Uuid; direction: PageDirection; reply: HistoryReply }
  | { type: 'page_failed'; room: Uuid; failure: FailureCode }
  | { type: 'timeline_dropped'; room: Uuid }
  | { type: 'queue'; queue: readonly Queued[] }
  | { type: 'sent'; queued: Queued; reply: SendReply }
  | { type: 'read'; room: Uuid; reply: ReadReply }
  | { type: 'room'; room: Room }
  | { type: 'room_gone'; room: Uuid }
  | { type: 'members'; room: Uuid; members: readonly Member[] }
  | { type: 'original'; room: Uuid; seq: number; message: Message | null }
  | { type: 'people'; people: readonly Person[] }
  | { type: 'presence'; presence: readonly PresenceRow[] }
  | { type: 'me'; user: User }
  | { type: 'typing_expired'; now: number }
  | { type: 'restored'; snapshot: Snapshot }
  | { type: 'signed_out' };
