//! Identifiers. All but [`ClientId`] are UUIDv7, made by the server; on the wire lower-case and hyphenated.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
        #[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(type = "string"))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// The 16 bytes that the databases store.
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0.as_hyphenated())
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                Uuid::parse_str(text).map(Self)
            }
        }

        impl From<[u8; 16]> for $name {
            fn from(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }
        }
    };
}

macro_rules! made_here {
    ($($name:ident),*) => {
        $(impl $name {
            /// A new identifier, greater than all that this process made before.
            #[expect(clippy::new_without_default, reason = "each call makes another one")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        })*
    };
}

id!(
    /// A user.
    UserId
);
id!(
    /// A room of any kind.
    RoomId
);
id!(
    /// A sign-in: one device's cookie or token. Several connections may use it.
    SessionId
);
id!(
    /// Chosen by the sending client once per message and kept on every retry; any UUID version.
    ClientId
);
id!(
    /// An entry of the audit log.
    AuditId
);
made_here!(UserId, RoomId, SessionId, AuditId);
