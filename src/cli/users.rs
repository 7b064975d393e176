//! `chirm user`: accounts, straight in the database. A server that is running learns of it within minutes.

use super::{Failure, Format, Output, failed, json, open, table::table};
use crate::{
    auth::{Hasher, check_password},
    config::Loaded,
    db::{
        self, Db,
        users::{AdminUser, NewUser},
    },
    domain::{AuditEntry, AuditId, DisplayName, Millis, Refusal, ServerRole, User, UserRef, Username},
};
use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json as object};
use std::io::{self, BufRead};

/// Rows read at a time.
const PAGE: u32 = 500;

/// What to do with accounts.
#[derive(Subcommand, Debug)]
pub(super) enum Act {
    /// Make an account
    Add {
        /// The unique name
        username: String,
        /// The name that others see
        #[arg(long)]
        display_name: Option<String>,
        /// It owns the server, as the first account does anyway
        #[arg(long)]
        owner: bool,
        /// Take the password from standard input's first line instead of asking
        #[arg(long)]
        password_stdin: bool,
    },
    /// List accounts
    List {
        /// How to print them
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Set a password, and sign the account out everywhere
    Password {
        /// Id or name
        user: String,
        /// Take it from standard input's first line instead of asking
        #[arg(long)]
        password_stdin: bool,
    },
    /// Set the role on the server
    Role {
        /// Id or name
        user: String,
        /// The role
        role: RoleArg,
    },
}

/// A role on the server.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum RoleArg {
    /// Uses it
    Member,
    /// Manages rooms and users
    Admin,
    /// Manages administrators too
    Owner,
}

impl From<RoleArg> for ServerRole {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::Member => Self::Member,
            RoleArg::Admin => Self::Admin,
            RoleArg::Owner => Self::Owner,
        }
    }
}

/// Runs the command.
pub(super) fn run(loaded: &Loaded, act: Act) -> Output {
    let mut db = open(loaded)?;
    db::migrate::run(&mut db, Millis::now())?;
    match act {
        Act::List { format } => list(&mut db, format),
        Act::Role { user, role } => set_role(&mut db, &user, role.into()),
        Act::Password { user, password_stdin } => set_password(&mut db, loaded, &user, password_stdin),
        Act::Add { username, display_name, owner, password_stdin } => {
            let username = Username::parse(&username)?;
            let display_name = display_name.as_deref().map(DisplayName::parse).transpose()?;
            let role = if owner { ServerRole::Owner } else { ServerRole::Member };
            let password_hash = Some(hashed(loaded, username.as_str(), password_stdin)?);
            add(&mut db, NewUser { username, display_name, role, guest: false, password_hash })
        }
    }
}

/// Asks for a password, twice where somebody types, and hashes it.
fn hashed(loaded: &Loaded, username: &str, from_stdin: bool) -> Output {
    let password = if from_stdin { first_line()? } else { typed()? };
    check_password("password", &password, username)?;
    let hasher = Hasher::new(&loaded.config.auth.hash).map_err(failed)?;
    Ok(hasher.hash_here(&password)?)
}

fn first_line() -> Output {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).map_err(failed)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn typed() -> Output {
    let ask = |prompt: &str| {
        rpassword::prompt_password(prompt)
            .map_err(|error| failed(format!("no terminal to ask for a password ({error}); use --password-stdin")))
    };
    let password = ask("Password: ")?;
    if password == ask("Again: ")? { Ok(password) } else { Err(Failure::Other("The two were not the same.".to_owned())) }
}

fn add(db: &mut Db, new: NewUser) -> Output {
    let (user, first) = db::transaction(db, |db| {
        let now = Millis::now();
        // A server without an owner could be managed by nobody, and whoever registered next would own it.
        let first = db::users::create_first(db, new.clone(), now)?;
        let ((user, _), first) = match first {
            Some(made) => (made, true),
            None => (db::users::create(db, new, now)?, false),
        };
        record(db, "user.register", &user, object!({ "role": user.role }))?;
        Ok((user, first))
    })?;
    let told = if first { " The first account owns the server." } else { "" };
    Ok(format!("Made {} ({}, {}).{told}\n", user.username, user.id, role_name(user.role)))
}

fn set_password(db: &mut Db, loaded: &Loaded, text: &str, from_stdin: bool) -> Output {
    let user = db::users::find(db, &UserRef::parse(text)?)?;
    let hash = hashed(loaded, &user.username, from_stdin)?;
    db::transaction(db, |db| {
        db::users::set_password_hash(db, user.id, &hash)?;
        db::sessions::end_all(db, user.id, None)?;
        record(db, "user.password", &user, Value::Null)
    })?;
    Ok(format!("Set the password of {}, who is signed out everywhere.\n", user.username))
}

fn set_role(db: &mut Db, text: &str, role: ServerRole) -> Output {
    let target = db::users::find(db, &UserRef::parse(text)?)?;
    let owner = all(db)?.into_iter().find(|account| account.user.role == ServerRole::Owner);
    // Whoever can run this may do what owners may; the rule that one of them stays is the database's.
    let acting = owner.ok_or_else(|| Refusal::conflict("There is no owner yet: the next account that is not a guest's becomes one."))?.user;
    let before = target.role;
    let user = db::transaction(db, |db| {
        let (user, _) = db::users::set_role(db, &acting, target.id, role)?;
        record(db, "user.role", &user, object!({ "before": before, "after": role }))?;
        Ok(user)
    })?;
    Ok(format!("{} is now {}.\n", user.username, role_name(user.role)))
}

fn record(db: &mut Db, act: &str, target: &User, detail: Value) -> db::Result<()> {
    let entry = AuditEntry {
        id: AuditId::new(),
        at: Millis::now(),
        actor: None,
        act: act.to_owned(),
        target: Some(target.id.to_string()),
        detail: Some(object!({ "by": "command line", "detail": detail }).to_string()),
        address: None,
        request_id: None,
    };
    db::audit::record(db, entry)
}

fn all(db: &mut Db) -> Result<Vec<AdminUser>, Failure> {
    let (mut users, mut cursor) = (Vec::new(), None);
    loop {
        let page = db::users::admin_list(db, None, cursor.as_deref(), PAGE)?;
        users.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(users);
        }
    }
}

fn role_name(role: ServerRole) -> &'static str {
    match role {
        ServerRole::Member => "member",
        ServerRole::Admin => "admin",
        ServerRole::Owner => "owner",
    }
}

fn list(db: &mut Db, format: Format) -> Output {
    let users = all(db)?;
    if format == Format::Json {
        let row = |account: &AdminUser| {
            let mut row = object!(account.user);
            if let (Some(row), Some(at)) = (row.as_object_mut(), account.disabled_at) {
                row.insert("disabled_at".to_owned(), object!(at));
            }
            row
        };
        return json(&users.iter().map(row).collect::<Vec<_>>());
    }
    let row = |AdminUser { user, disabled_at }: &AdminUser| {
        let state = match (disabled_at, user.guest) {
            (Some(_), _) => "locked",
            (None, true) => "guest",
            (None, false) => "",
        };
        let cells = [user.username.as_str(), &user.display_name, role_name(user.role), state];
        let mut cells: Vec<String> = cells.map(str::to_owned).into();
        cells.extend([user.created_at.to_string(), user.id.to_string()]);
        cells
    };
    Ok(table(&["USERNAME", "NAME", "ROLE", "STATE", "SINCE", "ID"], &users.iter().map(row).collect::<Vec<_>>()))
}
