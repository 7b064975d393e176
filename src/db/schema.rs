//! The tables, in types that both databases have: ids are 16 bytes, times are milliseconds.

use diesel::{allow_tables_to_appear_in_same_query, joinable, table};

table! {
    meta (name) {
        name -> Text,
        value -> Text,
    }
}

table! {
    users (id) {
        id -> Binary,
        username -> Text,
        username_skeleton -> Text,
        display_name -> Text,
        display_folded -> Text,
        role -> SmallInt,
        guest -> Bool,
        password_hash -> Nullable<Text>,
        created_at -> BigInt,
        last_seen -> Nullable<BigInt>,
        disabled_at -> Nullable<BigInt>,
        share_read_receipts -> Bool,
        share_last_seen -> Bool,
    }
}

table! {
    sessions (id) {
        id -> Binary,
        user_id -> Binary,
        token_hash -> Binary,
        device -> Nullable<Text>,
        address -> Nullable<Text>,
        created_at -> BigInt,
        last_seen -> BigInt,
        expires_at -> BigInt,
    }
}

table! {
    rooms (id) {
        no -> BigInt,
        id -> Binary,
        kind -> SmallInt,
        name -> Nullable<Text>,
        name_folded -> Nullable<Text>,
        channel_name -> Nullable<Text>,
        direct_key -> Nullable<Binary>,
        topic -> Text,
        members -> BigInt,
        last_seq -> BigInt,
        last_at -> Nullable<BigInt>,
        rev -> BigInt,
        created_at -> BigInt,
        archived_at -> Nullable<BigInt>,
        deleted_at -> Nullable<BigInt>,
    }
}

table! {
    memberships (room_id, user_id) {
        room_id -> Binary,
        user_id -> Binary,
        role -> SmallInt,
        read_seq -> BigInt,
        read_at -> BigInt,
        delivered_seq -> BigInt,
        delivered_at -> BigInt,
        muted -> Bool,
        favourite -> Bool,
        joined_at -> BigInt,
        joined_seq -> BigInt,
    }
}

table! {
    messages (id) {
        id -> BigInt,
        rev -> BigInt,
        author_id -> Binary,
        client_id -> Nullable<Binary>,
        body -> Text,
        created_at -> BigInt,
        reply_to -> Nullable<BigInt>,
        thread -> Nullable<BigInt>,
        mentions -> Nullable<Binary>,
        edited_at -> Nullable<BigInt>,
        deleted_at -> Nullable<BigInt>,
    }
}

table! {
    mentions (user_id, room_id, seq) {
        user_id -> Binary,
        room_id -> Binary,
        seq -> BigInt,
    }
}

table! {
    invites (id) {
        id -> Binary,
        code_hash -> Binary,
        made_by -> Binary,
        created_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        uses_left -> Nullable<BigInt>,
        used -> BigInt,
    }
}

table! {
    audit (id) {
        id -> Binary,
        at -> BigInt,
        actor -> Nullable<Binary>,
        act -> Text,
        target -> Nullable<Text>,
        detail -> Nullable<Text>,
        address -> Nullable<Text>,
        request_id -> Nullable<Text>,
    }
}

joinable!(sessions -> users (user_id));
joinable!(memberships -> users (user_id));
joinable!(memberships -> rooms (room_id));
allow_tables_to_appear_in_same_query!(users, sessions, rooms, memberships, messages, mentions);
