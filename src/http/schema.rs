//! The document's answer to a refusal; a test holds the types that derive their schemas against what serde really writes.

use std::collections::BTreeMap;
use utoipa::{
    IntoResponses,
    openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder},
};

/// Every route may refuse.
pub struct Refused;

impl IntoResponses for Refused {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let response = ResponseBuilder::new().description("Refused").content("application/problem+json", content).build();
        [("default".to_owned(), response.into())].into()
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::{
        ClientId, Member, Message, Millis, PresenceState, Role, Room, RoomId, RoomKind, ServerRole, Sharing, User, UserId,
    };
    use crate::{domain, protocol};
    use serde::Serialize;
    use serde_json::{Value, to_value};
    use utoipa::ToSchema;

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
        User {
            id: UserId::new(),
            username,
            display_name,
            role: ServerRole::Member,
            guest: false,
            created_at: Millis(0),
            last_seen,
            shares: Sharing::default(),
        }
    }

    #[test]
    fn users_and_rooms() {
        same(&user(Some(Millis(1))), &user(None));
        let head = domain::RoomHead {
            last_at: Some(Millis(1)),
            archived_at: Some(Millis(1)),
            ..domain::RoomHead::new(RoomKind::Direct, None, String::new(), Millis(0))
        };
        let full = Room::seen(&head, None, Some(user(None)));
        same(&full, &Room { last_at: None, archived_at: None, peer: None, ..full.clone() });
        let member = Member {
            user: UserId::new(),
            username: "bob".to_owned(),
            display_name: "Bob".to_owned(),
            role: Role::Owner,
            joined_at: Millis(0),
            read_seq: None,
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
