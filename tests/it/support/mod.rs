//! What tests say: a server, users, their windows, and what came of it.

mod http;
mod order;
mod raw;
mod server;
mod window;

pub use http::{Answer, Http, encode};
pub use raw::{BINARY, CLOSE, Frame, PING, PONG, Raw, TEXT, masked};
pub use server::{Cli, Server, User, eventually};
#[allow(unused_imports, reason = "each test program uses a part of this")]
pub use window::{Message, Refused, Window, new_client_id};

use std::time::Duration;

/// Longest wait for any one fact.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// What the server stores in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// Makes two tests of each function: `sqlite::name` and `postgres::name`.
macro_rules! both {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[actix_rt::test]
            async fn $name() {
                super::$name($crate::support::Backend::Sqlite).await;
            })*
        }
        mod postgres {
            $(#[actix_rt::test]
            async fn $name() {
                if $crate::postgres::is_wanted() {
                    super::$name($crate::support::Backend::Postgres).await;
                }
            })*
        }
    };
}
