import type * as P from '../generated';

/** Each operation of the socket: what goes out, what comes back. */
export interface Ops {
  hello: { ask: P.HelloRequest; ok: P.HelloReply };
  sync: { ask: P.SyncRequest; ok: P.SyncReply };
  send: { ask: P.SendRequest; ok: P.SendReply };
  history: { ask: P.HistoryRequest; ok: P.HistoryReply };
  read: { ask: P.ReadRequest; ok: P.ReadReply };
  delivered: { ask: P.DeliveredRequest; ok: P.DeliveredReply };
  receipts: { ask: P.ReceiptsRequest; ok: P.ReceiptsReply };
  typing: { ask: P.TypingRequest; ok: object };
  join: { ask: P.RoomRequest; ok: P.RoomReply };
  leave: { ask: P.RoomRequest; ok: P.LeaveReply };
  direct: { ask: P.DirectRequest; ok: P.RoomReply };
  presence: { ask: P.PresenceRequest; ok: P.PresenceReply };
  set_presence: { ask: P.SetPresenceRequest; ok: P.SetPresenceReply };
  ping: { ask: object; ok: P.PingReply };
}

export type Op = keyof Ops;
