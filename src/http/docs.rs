//! The API's documents.

use super::{
    admin, auth, direct, health, me, members, messages, metrics, presence,
    problem::{self, Answer},
    rooms,
    schema::Refused,
    state::State,
    users,
};
use crate::domain::Refusal;
use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, LOCATION},
    web::{Data, Path},
};
use std::sync::{Arc, LazyLock};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        OpenApi as Document, Server,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_swagger_ui::Config;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Chirm",
        description = "REST behind the same rules as the WebSocket. Errors are `application/problem+json` with a stable `code`. With the \
            cookie, POST, PUT, PATCH and DELETE need the header `X-Requested-With: chirm`; bearer tokens don't."
    ),
    paths(
        auth::register, auth::login, auth::guest, auth::logout, auth::sessions, auth::end_session, auth::password, auth::options,
        me::show, me::update, users::list, users::show,
        rooms::mine, rooms::create, rooms::public, rooms::show, rooms::update, rooms::delete, rooms::join, rooms::leave, direct::open,
        members::list, members::put, members::remove,
        messages::list, messages::send, messages::show, messages::receipts, messages::read, presence::list,
        admin::stats::show, admin::rooms::list, admin::rooms::create, admin::rooms::show, admin::rooms::update, admin::rooms::delete,
        admin::rooms::announce, admin::members::list, admin::members::put, admin::members::remove, admin::users::list,
        admin::users::update, admin::users::kick, admin::invites::list, admin::invites::create, admin::invites::revoke,
        admin::audit::list, openapi, health::healthz, health::readyz, metrics::on_main,
    ),
    components(schemas(problem::Body<'static>)),
    modifiers(&Signs),
    security(("bearer" = []), ("cookie" = [])),
    tags(
        (name = "auth", description = "Accounts and sign-ins"),
        (name = "users", description = "Profiles and presence"),
        (name = "rooms", description = "Rooms"),
        (name = "members", description = "Who is in a room"),
        (name = "messages", description = "Messages, receipts and read marks"),
        (name = "admin", description = "For administrators"),
        (name = "operations", description = "For those who watch the process"),
    )
)]
struct Api;

/// How requests are signed.
struct Signs;

impl Modify for Signs {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let cookie = ApiKey::Cookie(ApiKeyValue::new("chirm_session"));
        components.add_security_scheme("cookie", SecurityScheme::ApiKey(cookie));
    }
}

static TEXT: LazyLock<String> = LazyLock::new(|| text(&document()));

fn text(document: &Document) -> String {
    document.to_pretty_json().unwrap_or_default() + "\n"
}

/// Where the pages find the document; relative, so that it holds under a path too.
static SWAGGER: LazyLock<Arc<Config<'static>>> =
    LazyLock::new(|| Arc::new(Config::from("../api/v1/openapi.json").validator_url("none").use_base_layout()));

/// The REST API, machine-readable.
pub fn document() -> Document {
    Api::openapi()
}

/// This document.
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "operations", security(()), responses((status = 200, description = "OpenAPI", body = Object), Refused))]
pub async fn openapi(state: Data<State>) -> Answer {
    let text = match state.config.base_path() {
        "" => TEXT.clone(),
        base => text(&mounted(base)),
    };
    Ok(HttpResponse::Ok().content_type("application/json").body(text))
}

/// The document of a server whose public address has a path.
fn mounted(base: &str) -> Document {
    let mut document = document();
    document.servers = Some(vec![Server::new(base)]);
    document
}

/// The pages refer to each other by relative addresses, which need the slash.
pub async fn redirect() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, "docs/")).finish()
}

/// A file of Swagger UI, which is in the binary.
pub async fn file(path: Path<String>) -> Answer {
    let found = utoipa_swagger_ui::serve(&path, Arc::clone(&SWAGGER)).map_err(|error| {
        log::error!("a page of the documents could not be made: {error}");
        Refusal::internal()
    })?;
    let file = found.ok_or_else(|| Refusal::not_found("page"))?;
    let mut answer = HttpResponse::Ok();
    answer.content_type(file.content_type).insert_header((CACHE_CONTROL, "no-cache"));
    Ok(answer.body(file.bytes.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With `CHIRM_UPDATE=1` the file is written; otherwise it must be what would be written.
    #[test]
    fn committed_document_is_current() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/openapi.json");
        if std::env::var_os("CHIRM_UPDATE").is_some() {
            std::fs::write(path, &*TEXT).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(committed == *TEXT, "docs/openapi.json is not what the server serves: run `make types`");
    }

    #[test]
    fn nothing_is_referred_to_that_is_not_there() {
        let value: serde_json::Value = serde_json::from_str(&TEXT).unwrap();
        let schemas = value["components"]["schemas"].as_object().unwrap();
        let wanted = TEXT.split("\"#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next());
        for name in wanted {
            assert!(schemas.contains_key(name), "{name}");
        }
        for name in ["User", "Room", "Message", "Member", "Problem"] {
            assert!(schemas.contains_key(name), "{name}");
        }
    }

    #[test]
    fn a_public_path_is_told() {
        assert!(text(&mounted("/chat")).contains(r#""url": "/chat""#));
    }

    #[actix_rt::test]
    async fn pages_are_in_the_binary_and_load_nothing_from_elsewhere() {
        let page = file(Path::from(String::new())).await.unwrap();
        let text = actix_web::body::to_bytes(page.into_body()).await.unwrap();
        let text = String::from_utf8_lossy(&text);
        assert!(text.contains("swagger-ui") && !text.contains("http://") && !text.contains("https://"), "{text}");
        let start = file(Path::from("swagger-initializer.js".to_owned())).await.unwrap();
        let start = actix_web::body::to_bytes(start.into_body()).await.unwrap();
        let start = String::from_utf8_lossy(&start);
        assert!(start.contains("../api/v1/openapi.json") && !start.contains("petstore"), "{start}");
    }
}
