//! Statements that diesel's query language cannot say, or says in a way that every connection parses anew each time.

/// A statement of fixed text: prepared once per connection and kept.
///
/// diesel keeps a prepared statement under its type when the type says that its text never changes; its own `UPDATE`, multi-row
/// `INSERT` and `sql_query` don't say so. The text stands between the parameters: a literal is SQL, a name is the field of that name.
macro_rules! statement {
    ($(#[$doc:meta])* $name:ident $(<$life:lifetime>)? for $db:ty { $($field:ident: $rust:ty),* $(,)? } -> $row:ty = $($piece:tt)*) => {
        statement!($(#[$doc])* $name $(<$life>)? for $db { $($field: $rust),* } = $($piece)*);
        impl $(<$life>)? diesel::query_builder::Query for $name $(<$life>)? {
            type SqlType = $row;
        }
    };
    ($(#[$doc:meta])* $name:ident $(<$life:lifetime>)? for $db:ty { $($field:ident: $rust:ty),* $(,)? } = $($piece:tt)*) => {
        $(#[$doc])*
        pub(in crate::db) struct $name $(<$life>)? { $(pub(in crate::db) $field: $rust),* }

        impl $(<$life>)? diesel::query_builder::QueryId for $name $(<$life>)? {
            type QueryId = statement!(@own $name $($life)?);
            const HAS_STATIC_QUERY_ID: bool = true;
        }

        impl $(<$life>)? diesel::query_builder::QueryFragment<$db> for $name $(<$life>)? {
            fn walk_ast<'b>(&'b self, mut out: diesel::query_builder::AstPass<'_, 'b, $db>) -> diesel::QueryResult<()> {
                statement!(@pieces out self $($piece)*);
                Ok(())
            }
        }

        impl<$($life,)? C> diesel::RunQueryDsl<C> for $name $(<$life>)? {}
    };
    (@own $name:ident) => { $name };
    (@own $name:ident $life:lifetime) => { $name<'static> };
    (@pieces $out:ident $me:ident $($piece:tt)*) => { $(statement!(@push $out $me $piece);)* };
    (@push $out:ident $me:ident $sql:literal) => { $out.push_sql($sql) };
    (@push $out:ident $me:ident $field:ident) => { crate::db::statement::bind(&mut $out, &$me.$field)? };
}
pub(in crate::db) use statement;

use super::types::Stored;
use diesel::{QueryResult, backend::Backend, query_builder::AstPass, serialize::ToSql, sql_types::HasSqlType};

/// Adds a parameter in its one stored form.
pub(in crate::db) fn bind<'b, T, DB>(out: &mut AstPass<'_, 'b, DB>, value: &'b T) -> QueryResult<()>
where
    T: Stored + ToSql<T::Sql, DB>,
    DB: Backend + HasSqlType<T::Sql>,
{
    out.push_bind_param::<T::Sql, T>(value)
}
