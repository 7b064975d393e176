//! Who somebody is: tokens, passwords, the cookie and the link for the first account.

mod common;
mod cookie;
mod password;
mod setup;
mod token;

pub use cookie::{Presented, Via, cookie_name, forget_cookie, presented, session_cookie};
pub use password::{Hasher, Verdict, check_password};
pub use setup::Setup;
pub use token::Token;
