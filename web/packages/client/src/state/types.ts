import type { FailureCode } from '../errors';
import type { Member, Message, PresenceRow, Room, ServerInfo, User, Uuid } from '../generated';

export type Connection =
  | { kind: 'idle' }
  | { kind: 'connecting' }
  /** `hello` was answered: events flow. Silent: something was asked, and nothing at all has come since. */
  | { kind: 'online'; silent?: boolean }
  | { kind: 'waiting'; until: number; draining: boolean }
  | { kind: 'no_network' }
  /** Signed out elsewhere, or expired. */
  | { kind: 'unauthorized' }
  | { kind: 'refused' };

export type PageDirection = 'open' | 'before' | 'after';

/** A contiguous stretch of one room's log. */
export interface Timeline {
  /** Ascending by seq, without a hole. Empty until the first page came, or because nothing was said yet. */
  messages: readonly Message[];
  /** What arrived but does not touch the stretch (yet): newer versions and later messages. Bounded. */
  ahead: readonly Message[];
  loaded: boolean;
  hasBefore: boolean;
  hasAfter: boolean;
  loading: PageDirection | null;
  failure: FailureCode | null;
}

export interface Watermarks {
  read_seq: number;
  delivered_seq: number;
}

/** Another member's: null where they do not share what they have read. */
export interface MemberMarks {
  read_seq: number | null;
  delivered_seq: number;
}

export type QueuedState = 'queued' | 'sending' | 'failed';

/** A message of mine without a place in the room yet. */
export interface Queued {
  client_id: Uuid;
  room: Uuid;
  author: Uuid;
  body: string;
  reply_to?: number;
  /** Clock time, for the order of the queue. */
  created_at: number;
  state: QueuedState;
  failure?: FailureCode;
}

export interface Person {
  id: Uuid;
  username: string;
  display_name: string;
}

export interface State {
  connection: Connection;
  me: User | null;
  session: Uuid | null;
  server: ServerInfo | null;
  rooms: Readonly<Record<Uuid, Room>>;
  /** Time of the newest message known per room, for the order of the list. */
  activity: Readonly<Record<Uuid, number>>;
  /** The rev up to which each room is known without a gap. */
  cursors: Readonly<Record<Uuid, number>>;
  /** Rooms whose durable events do not flow until a `sync` said that nothing more is missing. */
  behind: Readonly<Record<Uuid, true>>;
  timelines: Readonly<Record<Uuid, Timeline>>;
  members: Readonly<Record<Uuid, readonly Member[]>>;
  receipts: Readonly<Record<Uuid, Readonly<Record<Uuid, MemberMarks>>>>;
  people: Readonly<Record<Uuid, Person>>;
  presence: Readonly<Record<Uuid, PresenceRow>>;
  online: Readonly<Record<Uuid, number>>;
  /** Who types where, until when (clock time). */
  typing: Readonly<Record<Uuid, Readonly<Record<Uuid, number>>>>;
  queue: readonly Queued[];
  /** Messages that are quoted but not part of a timeline, by room and seq; null: not to be had. */
  originals: Readonly<Record<Uuid, Readonly<Record<number, Message | null>>>>;
}

export const initialState: State = {
  connection: { kind: 'idle' },
  me: null,
  session: null,
  server: null,
  rooms: {},
  activity: {},
  cursors: {},
  behind: {},
  timelines: {},
  members: {},
  receipts: {},
  people: {},
  presence: {},
  online: {},
  typing: {},
  queue: [],
  originals: {},
};
