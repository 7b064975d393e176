//! What operations answer.

use crate::domain::{Limits, Message, Millis, PresenceState, Receipt, Room, RoomId, Sent, SessionId, User, UserId};
use serde::Serialize;

macro_rules! reply {
    ($(#[$doc:meta])* $name:ident as $told:ident { $($(#[$field:meta])* $key:ident: $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
        #[schema(as = $told)]
        #[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(rename = stringify!($told)))]
        pub struct $name { $($(#[$field])* pub $key: $type),* }
    };
}

reply!(
    /// Of `hello`.
    HelloOk as HelloReply {
        /// Me.
        user: User,
        /// My sign-in, as in the list of devices.
        session: SessionId,
        /// Whom I talk to.
        server: ServerInfo,
        /// My rooms.
        rooms: Vec<Room>,
    }
);
reply!(
    /// The server, as `hello` tells it.
    ServerInfo as ServerInfo {
        /// Chirm's version.
        version: &'static str,
        /// Changes when a backup is restored: cursors of another epoch are worthless.
        epoch: String,
        /// What clients must keep to.
        limits: Limits,
    }
);
reply!(
    /// Of `sync`.
    SyncOk as SyncReply {
        /// Ascending by `rev`.
        messages: Vec<Message>,
        /// The change reached.
        rev: i64,
        /// There is more: ask again from `rev`.
        more: bool,
    }
);
reply!(
    /// Of `send`.
    SentOk as SendReply {
        /// The message's number.
        seq: i64,
        /// The room's change that stored it.
        rev: i64,
        /// When it was stored.
        created_at: Millis,
        /// It had been stored before.
        duplicate: bool,
    }
);
reply!(
    /// Of `history`.
    HistoryOk as HistoryReply {
        /// Ascending by `seq`.
        messages: Vec<Message>,
        /// There are older ones.
        has_before: bool,
        /// There are newer ones.
        has_after: bool,
    }
);
reply!(
    /// Of `read`.
    ReadOk as ReadReply {
        /// My watermark now.
        read_seq: i64,
        /// What remains.
        unread: i64,
    }
);
reply!(
    /// Of `delivered`.
    DeliveredOk as DeliveredReply {
        /// My watermark now.
        delivered_seq: i64,
    }
);
reply!(
    /// When somebody got or read a message.
    ReceiptAt as ReceiptAt {
        /// Who.
        user: UserId,
        /// When their watermark passed it, or the last time that it rose past it.
        at: Millis,
    }
);
reply!(
    /// Of `receipts`.
    ReceiptsOk as ReceiptsReply {
        /// Who has got it.
        delivered: Vec<ReceiptAt>,
        /// Who has read it.
        read: Vec<ReceiptAt>,
    }
);
reply!(
    /// A room as the caller sees it.
    RoomOk as RoomReply {
        /// The room.
        room: Room,
    }
);
reply!(
    /// A room that the caller may no longer see.
    RoomIdOk as RoomIdReply {
        /// The room's id.
        room: RoomId,
    }
);
reply!(
    /// Whether one user is there.
    PresenceRow as PresenceRow {
        /// Who.
        user: UserId,
        /// There, or not.
        state: PresenceState,
        /// When they last were; null where they never were.
        #[schema(required = true)]
        last_seen: Option<Millis>,
    }
);
reply!(
    /// Of `presence`.
    PresenceOk as PresenceReply {
        /// A row for each user that exists.
        presence: Vec<PresenceRow>,
    }
);
reply!(
    /// Of `set_presence`.
    SetPresenceOk as SetPresenceReply {
        /// As this window says now.
        state: PresenceState,
    }
);
reply!(
    /// Of `ping`.
    PongOk as PingReply {
        /// The server's clock.
        at: Millis,
    }
);
reply!(
    /// Of operations that answer nothing.
    Nothing as Nothing {}
);

impl From<&Sent> for SentOk {
    fn from(sent: &Sent) -> Self {
        Self { seq: sent.seq, rev: sent.rev, created_at: sent.created_at, duplicate: sent.duplicate }
    }
}

impl ReadOk {
    /// After a commit, in a room whose newest message is `last_seq`.
    pub fn new(receipt: &Receipt, last_seq: i64) -> Self {
        Self { read_seq: receipt.read_seq, unread: (last_seq - receipt.read_seq).max(0) }
    }
}
