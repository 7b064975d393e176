//! Every reader of what a request brings, as a function of its bytes: for the fuzz targets.

use super::{
    admin,
    auth::{Guest, Login, NewPassword, Register},
    direct::DirectForm,
    input::{Query, parse, room_ref, user_ref},
    me::ProfilePatch,
    members::RoleForm,
    messages::{ReadForm, SendForm},
    problem::Answer,
    rooms::{RoomChange, RoomForm},
};
use crate::domain::{Refusal, UserId};
use serde::de::DeserializeOwned;

/// What each body's reader refuses these bytes with.
pub fn every_body(body: &[u8]) -> Vec<Refusal> {
    fn read<T: DeserializeOwned>(body: &[u8]) -> Option<Refusal> {
        parse::<T>(body).err()
    }
    let refused = [
        read::<Register>(body),
        read::<Login>(body),
        read::<Guest>(body),
        read::<NewPassword>(body),
        read::<RoomChange>(body),
        read::<DirectForm>(body),
        read::<ProfilePatch>(body),
        read::<RoleForm>(body),
        read::<ReadForm>(body),
        read::<SendForm>(body),
        read::<admin::rooms::AdminRoomForm>(body),
        read::<admin::rooms::AdminRoomChange>(body),
        read::<admin::rooms::Announcement>(body),
        read::<admin::users::AccountPatch>(body),
        read::<admin::invites::InviteForm>(body),
        parse::<RoomForm>(body).map_or_else(Some, |form| refusal(form.into_new())),
    ];
    refused.into_iter().flatten().collect()
}

/// What each reader of a query string or of a path refuses this text with.
pub fn every_query(text: &str) -> Vec<Refusal> {
    let mut refused = vec![refusal(room_ref(text)), refusal(user_ref(text))];
    match Query::parse(text) {
        Err(problem) => refused.push(Some(problem.refusal().clone())),
        Ok(query) => {
            refused.push(refusal(query.limit(200)));
            refused.extend(["before", "after", "around"].map(|name| refusal(query.number(name))));
            refused.push(refusal(query.ids::<UserId>("ids", 100)));
        }
    }
    refused.into_iter().flatten().collect()
}

fn refusal<T>(answer: Answer<T>) -> Option<Refusal> {
    answer.err().map(|problem| problem.refusal().clone())
}
