//! The wire's types as JSON schemas. `domain` and `protocol` know nothing of OpenAPI, so their shapes are said again here, and a
//! test holds each against what serde really writes.

use crate::{domain, protocol};
use std::{borrow::Cow, collections::BTreeMap};
use utoipa::{
    IntoResponses, PartialSchema, ToSchema,
    openapi::{
        ContentBuilder, KnownFormat, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, SchemaFormat,
        schema::{Schema, Type},
    },
};

type Components = Vec<(String, RefOr<Schema>)>;

/// Every route may refuse.
pub struct Refused;

impl IntoResponses for Refused {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let response = ResponseBuilder::new().description("Refused").content("application/problem+json", content).build();
        [("default".to_owned(), response.into())].into()
    }
}

macro_rules! text {
    ($($kind:ty as $name:literal: $format:expr, $doc:literal;)*) => { $(
        impl PartialSchema for $kind {
            fn schema() -> RefOr<Schema> {
                let text = ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat($format)));
                text.description(Some($doc)).into()
            }
        }
        impl ToSchema for $kind {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed($name)
            }
        }
    )* };
}

text! {
    domain::UserId as "UserId": KnownFormat::Uuid, "A user's id.";
    domain::RoomId as "RoomId": KnownFormat::Uuid, "A room's id.";
    domain::AuditId as "AuditId": KnownFormat::Uuid, "An act's id; ids rise.";
    domain::SessionId as "SessionId": KnownFormat::Uuid, "A sign-in's id.";
    domain::ClientId as "ClientId": KnownFormat::Uuid, "Chosen by the sending client once per message and kept on every retry.";
    domain::Millis as "Time": KnownFormat::DateTime, "RFC 3339, UTC, with milliseconds.";
}

/// A type of another module has the schema of its mirror below.
macro_rules! mirrored {
    ($($real:ty => $mirror:ident as $name:literal),* $(,)?) => { $(
        impl PartialSchema for $real {
            fn schema() -> RefOr<Schema> {
                mirror::$mirror::schema()
            }
        }
        impl ToSchema for $real {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed($name)
            }
            fn schemas(schemas: &mut Components) {
                mirror::$mirror::schemas(schemas);
            }
        }
    )* };
}

mirrored! {
    domain::RoomKind => RoomKind as "RoomKind",
    domain::Role => Role as "Role",
    domain::ServerRole => ServerRole as "ServerRole",
    domain::PresenceState => PresenceState as "PresenceState",
    domain::User => User as "User",
    domain::Room => Room as "Room",
    domain::Member => Member as "Member",
    domain::Message => Message as "Message",
    protocol::SentOk => SentOk as "SendReply",
    protocol::HistoryOk => HistoryOk as "HistoryReply",
    protocol::ReadOk => ReadOk as "ReadReply",
    protocol::ReceiptAt => ReceiptAt as "ReceiptAt",
    protocol::ReceiptsOk => ReceiptsOk as "ReceiptsReply",
    protocol::RoomOk => RoomOk as "RoomReply",
    protocol::PresenceRow => PresenceRow as "PresenceRow",
    protocol::PresenceOk => PresenceOk as "PresenceReply",
}

#[expect(dead_code, reason = "only their shapes are used")]
mod mirror {
    use crate::{
        domain::{self, ClientId, Millis, RoomId, UserId},
        protocol,
    };
    use utoipa::ToSchema;

    /// What a room is: between two users, private by invitation, or open to everyone.
    #[derive(ToSchema)]
    #[schema(rename_all = "snake_case")]
    pub enum RoomKind {
        Direct,
        Group,
        Channel,
    }

    /// What a member may do in a room.
    #[derive(ToSchema)]
    #[schema(rename_all = "snake_case")]
    pub enum Role {
        Member,
        Admin,
        Owner,
    }

    /// What a user may do on the server.
    #[derive(ToSchema)]
    #[schema(rename_all = "snake_case")]
    pub enum ServerRole {
        Member,
        Admin,
        Owner,
    }

    /// Whether somebody is there.
    #[derive(ToSchema)]
    #[schema(rename_all = "snake_case")]
    pub enum PresenceState {
        Online,
        Away,
        Offline,
    }

    /// A user, as any signed-in user may see them.
    #[derive(ToSchema)]
    pub struct User {
        id: UserId,
        username: String,
        display_name: String,
        role: domain::ServerRole,
        guest: bool,
        created_at: Millis,
        /// When the last window was closed; absent where none ever was.
        #[schema(nullable = false)]
        last_seen: Option<Millis>,
    }

    /// A room as the caller sees it.
    #[derive(ToSchema)]
    pub struct Room {
        id: RoomId,
        kind: domain::RoomKind,
        /// A channel's unique name, a group's title, null for a direct room.
        #[schema(required = true)]
        name: Option<String>,
        topic: String,
        /// Mine; null where I am not a member.
        #[schema(required = true)]
        role: Option<domain::Role>,
        /// How many members it has.
        members: i64,
        last_seq: i64,
        /// When the last message was stored.
        #[schema(nullable = false)]
        last_at: Option<Millis>,
        rev: i64,
        read_seq: i64,
        delivered_seq: i64,
        unread: i64,
        mentions: i64,
        muted: bool,
        /// I keep it on top of my list.
        favourite: bool,
        created_at: Millis,
        /// Since when it is read-only.
        #[schema(nullable = false)]
        archived_at: Option<Millis>,
        /// The other user of a direct room.
        #[schema(nullable = false)]
        peer: Option<domain::User>,
    }

    /// A row of a room's member list.
    #[derive(ToSchema)]
    pub struct Member {
        user: UserId,
        username: String,
        display_name: String,
        role: domain::Role,
        joined_at: Millis,
        read_seq: i64,
        delivered_seq: i64,
    }

    /// A stored message.
    #[derive(ToSchema)]
    pub struct Message {
        room: RoomId,
        seq: i64,
        rev: i64,
        author: UserId,
        /// Null where the server wrote it.
        #[schema(required = true)]
        client_id: Option<ClientId>,
        body: String,
        created_at: Millis,
        #[schema(nullable = false)]
        reply_to: Option<i64>,
        #[schema(nullable = false)]
        thread: Option<i64>,
        #[schema(nullable = false)]
        mentions: Option<Vec<UserId>>,
        #[schema(nullable = false)]
        edited_at: Option<Millis>,
        #[schema(nullable = false)]
        deleted_at: Option<Millis>,
    }

    /// What became of a message.
    #[derive(ToSchema)]
    pub struct SentOk {
        seq: i64,
        rev: i64,
        created_at: Millis,
        /// It had been stored before, under this `client_id`.
        duplicate: bool,
    }

    /// A page of messages, ascending by `seq`.
    #[derive(ToSchema)]
    pub struct HistoryOk {
        messages: Vec<domain::Message>,
        has_before: bool,
        has_after: bool,
    }

    /// My watermark.
    #[derive(ToSchema)]
    pub struct ReadOk {
        read_seq: i64,
        unread: i64,
    }

    /// When somebody got or read a message.
    #[derive(ToSchema)]
    pub struct ReceiptAt {
        user: UserId,
        at: Millis,
    }

    /// Who has got and who has read a message; the author is in neither list.
    #[derive(ToSchema)]
    pub struct ReceiptsOk {
        delivered: Vec<protocol::ReceiptAt>,
        read: Vec<protocol::ReceiptAt>,
    }

    /// One room.
    #[derive(ToSchema)]
    pub struct RoomOk {
        room: domain::Room,
    }

    /// Whether one user is there.
    #[derive(ToSchema)]
    pub struct PresenceRow {
        user: UserId,
        state: domain::PresenceState,
        /// When they last were; null where they never were.
        #[schema(required = true)]
        last_seen: Option<Millis>,
    }

    /// Whether users are there.
    #[derive(ToSchema)]
    pub struct PresenceOk {
        presence: Vec<protocol::PresenceRow>,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ClientId, Member, Message, Millis, PresenceState, Role, Room, RoomId, RoomKind, ServerRole, User, UserId};
    use serde::Serialize;
    use serde_json::{Value, to_value};

    fn keys(value: &Value) -> Vec<String> {
        value.as_object().unwrap().keys().cloned().collect()
    }

    /// A value with every optional field filled has exactly the schema's properties; one without has those required.
    fn same<T: Serialize + ToSchema>(full: &T, bare: &T) {
        let schema = to_value(T::schema()).unwrap();
        let sorted = |mut keys: Vec<String>| {
            keys.sort();
            keys
        };
        assert_eq!(sorted(keys(&schema["properties"])), sorted(keys(&to_value(full).unwrap())), "{}", T::name());
        let required = schema["required"].as_array().unwrap().iter().map(|key| key.as_str().unwrap().to_owned()).collect();
        assert_eq!(sorted(required), sorted(keys(&to_value(bare).unwrap())), "{}", T::name());
    }

    fn names<T: Serialize + ToSchema>(values: &[T]) {
        let schema = to_value(T::schema()).unwrap();
        assert_eq!(schema["enum"], to_value(values).unwrap());
    }

    fn user(last_seen: Option<Millis>) -> User {
        let (username, display_name) = ("bob".to_owned(), "Bob".to_owned());
        User { id: UserId::new(), username, display_name, role: ServerRole::Member, guest: false, created_at: Millis(0), last_seen }
    }

    #[test]
    fn users_and_rooms() {
        same(&user(Some(Millis(1))), &user(None));
        let head = domain::RoomHead {
            id: RoomId::new(),
            kind: RoomKind::Direct,
            name: None,
            topic: String::new(),
            members: 2,
            last_seq: 0,
            last_at: Some(Millis(1)),
            rev: 0,
            created_at: Millis(0),
            archived_at: Some(Millis(1)),
        };
        let full = Room::seen(&head, None, Some(user(None)));
        same(&full, &Room { last_at: None, archived_at: None, peer: None, ..full.clone() });
        let member = Member {
            user: UserId::new(),
            username: "bob".to_owned(),
            display_name: "Bob".to_owned(),
            role: Role::Owner,
            joined_at: Millis(0),
            read_seq: 0,
            delivered_seq: 0,
        };
        same(&member, &member);
    }

    #[test]
    fn messages() {
        let bare = Message {
            room: RoomId::new(),
            seq: 1,
            rev: 1,
            author: UserId::new(),
            client_id: Some(ClientId(uuid::Uuid::nil())),
            body: "hi".to_owned(),
            created_at: Millis(0),
            reply_to: None,
            thread: None,
            mentions: Vec::new(),
            edited_at: None,
            deleted_at: None,
        };
        let full = Message {
            reply_to: Some(1),
            thread: Some(1),
            mentions: vec![UserId::new()],
            edited_at: Some(Millis(1)),
            deleted_at: Some(Millis(1)),
            ..bare.clone()
        };
        same(&full, &bare);
    }

    #[test]
    fn replies() {
        let at = protocol::ReceiptAt { user: UserId::new(), at: Millis(0) };
        same(&at, &at);
        let sent = protocol::SentOk { seq: 1, rev: 1, created_at: Millis(0), duplicate: false };
        same(&sent, &sent);
        let history = protocol::HistoryOk { messages: Vec::new(), has_before: false, has_after: false };
        same(&history, &history);
        let read = protocol::ReadOk { read_seq: 0, unread: 0 };
        same(&read, &read);
        let receipts = protocol::ReceiptsOk { delivered: Vec::new(), read: Vec::new() };
        same(&receipts, &receipts);
        let row = protocol::PresenceRow { user: UserId::new(), state: PresenceState::Away, last_seen: None };
        same(&row, &row);
        let presence = protocol::PresenceOk { presence: vec![row] };
        same(&presence, &presence);
    }

    #[test]
    fn enumerations() {
        names(&[RoomKind::Direct, RoomKind::Group, RoomKind::Channel]);
        names(&[Role::Member, Role::Admin, Role::Owner]);
        names(&[ServerRole::Member, ServerRole::Admin, ServerRole::Owner]);
        names(&[PresenceState::Online, PresenceState::Away, PresenceState::Offline]);
    }
}
