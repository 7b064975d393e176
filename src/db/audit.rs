//! Who did what, for ever: the database itself refuses to change or delete a row. Never bodies or secrets.

use super::{
    Db, Page, Result,
    page::{after, one_more},
    schema::audit,
};
use crate::domain::{Millis, UserId};
use diesel::prelude::*;
use uuid::Uuid;

/// One act.
#[derive(Queryable, Selectable, Clone, PartialEq, Eq, Debug)]
#[diesel(table_name = audit)]
pub struct Entry {
    /// When.
    pub at: Millis,
    /// By whom; none where nobody was signed in.
    pub actor: Option<UserId>,
    /// What, as `noun.verb`.
    pub act: String,
    /// On what: an id or a name.
    pub target: Option<String>,
    /// JSON, such as what it was before and after.
    pub detail: Option<String>,
    /// From where.
    pub address: Option<String>,
    /// The request's id in the log.
    pub request_id: Option<String>,
}

/// Adds an act.
pub fn record(db: &mut Db, entry: &Entry) -> Result<()> {
    diesel::insert_into(audit::table)
        .values((
            audit::id.eq(Uuid::now_v7().into_bytes().as_slice()),
            audit::at.eq(entry.at),
            audit::actor.eq(entry.actor),
            audit::act.eq(&entry.act),
            audit::target.eq(&entry.target),
            audit::detail.eq(&entry.detail),
            audit::address.eq(&entry.address),
            audit::request_id.eq(&entry.request_id),
        ))
        .execute(db)?;
    Ok(())
}

/// Acts, newest first.
pub fn list(db: &mut Db, cursor: Option<&str>, limit: u32) -> Result<Page<Entry>> {
    let mut query = audit::table.order(audit::id.desc()).limit(one_more(limit)).select((audit::id, Entry::as_select())).into_boxed();
    if let Some(last) = after::<[u8; 16]>(cursor)? {
        query = query.filter(audit::id.lt(last.to_vec()));
    }
    let rows: Vec<(Vec<u8>, Entry)> = query.load(db)?;
    Ok(Page::cut(rows, limit, |(id, _)| <[u8; 16]>::try_from(id.as_slice()).unwrap_or_default()).map(|(_, entry)| entry))
}
