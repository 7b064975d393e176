//! How the domain's types are stored.

use crate::domain::{AuditId, ClientId, Millis, Role, RoomId, RoomKind, ServerRole, SessionId, UserId};
use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, Queryable},
    expression::AsExpression,
    internal::derives::as_expression::Bound,
    serialize::{self, Output, ToSql},
    sql_types::{Array, BigInt, Binary, Bool, Nullable, SingleValue, SmallInt, SqlType, Text, is_nullable::NotNull},
};

/// A type with one stored form.
pub(super) trait Stored {
    /// That form.
    type Sql: SqlType;
}

impl<T: Stored> Stored for Option<T>
where
    T::Sql: SqlType<IsNull = NotNull>,
{
    type Sql = Nullable<T::Sql>;
}

impl<T: Stored> Stored for Vec<T> {
    type Sql = Array<T::Sql>;
}

macro_rules! plainly {
    ($($rust:ty => $sql:ty),* $(,)?) => { $(impl Stored for $rust { type Sql = $sql; })* };
}
plainly!(
    i64 => BigInt, i32 => diesel::sql_types::Integer, i16 => SmallInt, bool => Bool, str => Text, String => Text,
    &str => Text, [u8] => Binary, &[u8] => Binary, Vec<u8> => Binary, [u8; 32] => Binary,
);

/// Lets diesel's queries take and give a type of the domain.
macro_rules! stored {
    ($rust:ty => $sql:ty) => {
        impl Stored for $rust {
            type Sql = $sql;
        }

        impl<DB: Backend, ST: SingleValue> Queryable<ST, DB> for $rust
        where
            Self: FromSql<ST, DB>,
        {
            type Row = Self;
            fn build(row: Self) -> deserialize::Result<Self> {
                Ok(row)
            }
        }

        stored!(@bound $rust, Self, $sql);
        stored!(@bound &$rust, Self, $sql);
    };
    (@bound $rust:ty, $own:ty, $sql:ty) => {
        impl AsExpression<$sql> for $rust {
            type Expression = Bound<$sql, $own>;
            fn as_expression(self) -> Self::Expression {
                Bound::new(self)
            }
        }
        impl AsExpression<Nullable<$sql>> for $rust {
            type Expression = Bound<Nullable<$sql>, $own>;
            fn as_expression(self) -> Self::Expression {
                Bound::new(self)
            }
        }
    };
}

/// The value as diesel's own types would write it.
macro_rules! written {
    ($rust:ty => $sql:ty, $inner:ty, |$me:ident| $value:expr) => {
        impl<DB: Backend> ToSql<$sql, DB> for $rust
        where
            $inner: ToSql<$sql, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                let $me = self;
                let value: &'b $inner = $value;
                value.to_sql(out)
            }
        }
        impl<DB: Backend> ToSql<Nullable<$sql>, DB> for $rust
        where
            Self: ToSql<$sql, DB>,
            DB: diesel::sql_types::HasSqlType<$sql>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                ToSql::<$sql, DB>::to_sql(self, out)
            }
        }
    };
}

macro_rules! id {
    ($($id:ty),*) => { $(
        stored!($id => Binary);
        written!($id => Binary, [u8], |me| me.as_bytes());
        impl<DB: Backend> FromSql<Binary, DB> for $id
        where
            Vec<u8>: FromSql<Binary, DB>,
        {
            fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
                let bytes = Vec::<u8>::from_sql(raw)?;
                let bytes: [u8; 16] = bytes.as_slice().try_into()?;
                Ok(bytes.into())
            }
        }
    )* };
}
id!(UserId, RoomId, SessionId, ClientId, AuditId, super::invites::InviteId);

stored!(Millis => BigInt);
written!(Millis => BigInt, i64, |me| &me.0);
impl<DB: Backend> FromSql<BigInt, DB> for Millis
where
    i64: FromSql<BigInt, DB>,
{
    fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
        i64::from_sql(raw).map(Self)
    }
}

/// Numbers for names, fixed for ever.
macro_rules! code {
    ($kind:ty: $($name:ident = $number:literal),*) => {
        stored!($kind => SmallInt);
        written!($kind => SmallInt, i16, |me| match me { $(<$kind>::$name => &$number),* });
        impl<DB: Backend> FromSql<SmallInt, DB> for $kind
        where
            i16: FromSql<SmallInt, DB>,
        {
            fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
                match i16::from_sql(raw)? {
                    $($number => Ok(Self::$name),)*
                    other => Err(format!(concat!("{} is no ", stringify!($kind)), other).into()),
                }
            }
        }
    };
}
code!(RoomKind: Direct = 0, Group = 1, Channel = 2);
code!(Role: Member = 0, Admin = 1, Owner = 2);
code!(ServerRole: Member = 0, Admin = 1, Owner = 2);

/// User ids one after the other, as a message keeps those whom it names.
pub(super) fn pack(users: &[UserId]) -> Option<Vec<u8>> {
    (!users.is_empty()).then(|| users.iter().flat_map(|u| *u.as_bytes()).collect())
}

/// The inverse of [`pack`].
pub(super) fn unpack(packed: Option<&[u8]>) -> Vec<UserId> {
    let (ids, _) = packed.unwrap_or_default().as_chunks::<16>();
    ids.iter().copied().map(UserId::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packing() {
        let ids = [UserId::new(), UserId::new()];
        assert_eq!(unpack(pack(&ids).as_deref()), ids);
        assert_eq!(pack(&[]), None);
        assert_eq!(unpack(None), []);
    }
}
