//! Who did what, for ever: the database itself refuses to change or delete a row.

use super::{
    Db, Page, Result,
    page::{after, one_more},
    schema::audit,
};
use crate::domain::{AuditEntry, AuditId, Millis, UserId};
use diesel::prelude::*;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = audit)]
struct Row {
    id: AuditId,
    at: Millis,
    actor: Option<UserId>,
    act: String,
    target: Option<String>,
    detail: Option<String>,
    address: Option<String>,
    request_id: Option<String>,
}

impl From<Row> for AuditEntry {
    fn from(row: Row) -> Self {
        let Row { id, at, actor, act, target, detail, address, request_id } = row;
        Self { id, at, actor, act, target, detail, address, request_id }
    }
}

/// Adds an act.
pub fn record(db: &mut Db, entry: AuditEntry) -> Result<()> {
    let AuditEntry { id, at, actor, act, target, detail, address, request_id } = entry;
    let row = Row { id, at, actor, act, target, detail, address, request_id };
    diesel::insert_into(audit::table).values(row).execute(db)?;
    Ok(())
}

/// Acts, newest first.
pub fn list(db: &mut Db, cursor: Option<&str>, limit: u32) -> Result<Page<AuditEntry>> {
    let mut query = audit::table.order(audit::id.desc()).limit(one_more(limit)).select(Row::as_select()).into_boxed();
    if let Some(last) = after::<AuditId>(cursor)? {
        query = query.filter(audit::id.lt(last));
    }
    let rows: Vec<Row> = query.load(db)?;
    Ok(Page::cut(rows, limit, |row| row.id).map(AuditEntry::from))
}
